export type PolicyTypeStatus = 'ENABLED' | 'PENDING_ENABLE' | 'PENDING_DISABLE';

/** Which policy types are enabled on the root, and which are on their way. */
export class PolicyTypes {
  private readonly switched = new Map<string, { on: boolean; settledAt: number }>();

  /** Undefined for a disabled type, which AWS leaves out of its answers. */
  public status(type: string, now: number): PolicyTypeStatus | undefined {
    const last = this.switched.get(type);
    if (!last) return undefined;
    const settled = last.settledAt <= now;
    if (last.on) return settled ? 'ENABLED' : 'PENDING_ENABLE';
    return settled ? undefined : 'PENDING_DISABLE';
  }

  public isEnabled(type: string, now: number): boolean {
    return this.status(type, now) === 'ENABLED';
  }

  /** As `ListRoots` shows them: sorted by name. */
  public summaries(now: number): { Type: string; Status: PolicyTypeStatus }[] {
    return [...this.switched.keys()].sort().flatMap((Type) => {
      const Status = this.status(Type, now);
      return Status ? [{ Type, Status }] : [];
    });
  }

  public switch(type: string, on: boolean, settledAt: number): void {
    this.switched.set(type, { on, settledAt });
  }
}
