/**
 * A value that others come to see only some time after it changed.
 *
 * A change that comes while an earlier one is still on its way replaces it: recorded from AWS, where of two quick updates only the second was
 * ever shown.
 */
export class Timeline<T> {
  private visible?: Entry<T>;
  private coming?: Entry<T>;

  /** What is seen at a time, and since when. */
  public at(now: number): { readonly value: T; readonly since: number } | undefined {
    if (this.coming && this.coming.since <= now) {
      this.visible = this.coming;
      this.coming = undefined;
    }
    return this.visible;
  }

  /** Changes the value at `now` so that it is seen from `since` on. */
  public set(value: T, now: number, since: number): void {
    this.at(now);
    this.coming = { value, since };
  }

  /** What is on its way never arrives. */
  public freeze(now: number): void {
    this.at(now);
    this.coming = undefined;
  }
}

interface Entry<T> {
  readonly value: T;
  readonly since: number;
}
