import { references } from './intrinsics';
import { dependsOn, validationError, type ResourceDefinition } from './template';

/** Which resource has to wait for which. */
export type DependencyGraph = ReadonlyMap<string, readonly string[]>;

/**
 * What every resource depends on: `DependsOn`, `Ref`, `Fn::GetAtt` and `Fn::Sub`.
 *
 * @throws AwsError when resources wait for each other
 */
export function dependencyGraph(resources: ReadonlyMap<string, ResourceDefinition>): DependencyGraph {
  const graph = new Map<string, string[]>();
  for (const [logicalId, definition] of resources) {
    // A resource whose condition is false is not there to be waited for.
    const needed = [...dependsOn(definition), ...references(definition.Properties)].filter((name) => resources.has(name));
    graph.set(logicalId, [...new Set(needed)]);
  }
  refuseCycles(graph);
  return graph;
}

/** The same graph for deletion: whoever depends on a resource goes first. */
export function reversed(graph: DependencyGraph): DependencyGraph {
  return new Map([...graph.keys()].map((id) => [id, [...graph.keys()].filter((other) => graph.get(other)!.includes(id))]));
}

/** Visits every node once all the nodes it depends on have been visited; what does not depend on each other, at the same time. */
export async function walk(graph: DependencyGraph, visit: (logicalId: string) => Promise<void>): Promise<void> {
  const visits = new Map<string, Promise<void>>();
  const visited = (id: string): Promise<void> => {
    let done = visits.get(id);
    if (!done) {
      done = Promise.all((graph.get(id) ?? []).map(visited)).then(async () => visit(id));
      visits.set(id, done);
    }
    return done;
  };
  await Promise.all([...graph.keys()].map(visited));
}

function refuseCycles(graph: DependencyGraph): void {
  const remaining = new Map(graph);
  for (let progress = true; progress;) {
    progress = false;
    for (const [id, needed] of remaining) {
      if (needed.some((other) => remaining.has(other))) continue;
      remaining.delete(id);
      progress = true;
    }
  }
  if (remaining.size > 0) throw validationError(`Circular dependency between resources: [${[...remaining.keys()].join(', ')}]`);
}
