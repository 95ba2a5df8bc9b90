import type { Policies } from './policies';
import { Timeline } from './timeline';
import { lineage, type Account, type Target } from './tree';
import { effectiveDocument, type LevelPolicy, type PolicyDocument } from '../../../src/policy';

/**
 * What effective policies are computed from: the attached policies as they were some seconds ago.
 *
 * A disabled type keeps its last view, and shows it again when it is enabled until the new one is through. So a tool that enables the type and
 * believes the first answer can report an opt-out that no policy stands behind; recorded from AWS, and repeated here.
 */
export class PublishedPolicies {
  private readonly views = new Map<string, Map<Target, Timeline<LevelPolicy[]>>>();

  public constructor(private readonly policies: Policies) {}

  /** The policies on a target have changed at `now`; DescribeEffectivePolicy shows it from `since` on. */
  public publish(type: string, target: Target, now: number, since: number): void {
    const view = this.viewOf(type);
    const timeline = view.get(target) ?? new Timeline();
    view.set(target, timeline);
    timeline.set(this.policies.on(target, type).map(({ name, content }) => ({ name, document: parsed(content) })), now, since);
  }

  /** Everything is worked out anew, as after enabling the type. */
  public publishAll(type: string, root: Target, now: number, since: number): void {
    for (const target of new Set([root, ...this.viewOf(type).keys()])) this.publish(type, target, now, since);
  }

  /** The type was disabled: what has not been shown by now never will be. */
  public freeze(type: string, now: number): void {
    for (const timeline of this.viewOf(type).values()) timeline.freeze(now);
  }

  /** An account's effective policy and when it was last worked out. */
  public effective(type: string, account: Account, now: number): { content: string; updatedAt: number } {
    const parent = account.publishedParent.at(now) ?? { value: account.parent, since: account.joinedAt };
    let updatedAt = parent.since;
    const levels = [...lineage(parent.value), account].map((target) => {
      const published = this.viewOf(type).get(target)?.at(now);
      updatedAt = Math.max(updatedAt, published?.since ?? 0);
      return { name: target.name, policies: published?.value ?? [] };
    });
    // Other types have other grammars, which nothing here needs.
    return { content: JSON.stringify(type === 'AISERVICES_OPT_OUT_POLICY' ? effectiveDocument(levels) : {}), updatedAt };
  }

  private viewOf(type: string): Map<Target, Timeline<LevelPolicy[]>> {
    const view = this.views.get(type) ?? new Map<Target, Timeline<LevelPolicy[]>>();
    this.views.set(type, view);
    return view;
  }
}

function parsed(content: string): PolicyDocument {
  return JSON.parse(content) as PolicyDocument;
}
