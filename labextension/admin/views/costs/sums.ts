/**
 * How sums of costs are grouped, measured and labelled.
 */
import type { Cost, Resource } from '../../schemas';

export type Group = 'person' | 'project' | 'pool' | 'month';

export interface IMeasure {
  /** The name by which the service sorts. */
  readonly id: Resource;
  readonly title: string;
  readonly of: (cost: Cost) => number;
}

export const MEASURES: readonly IMeasure[] = [
  { id: 'money', title: 'Cost', of: cost => cost.money },
  { id: 'device', title: 'Device hours', of: cost => cost.device_minutes },
  { id: 'cpu', title: 'CPU hours', of: cost => cost.cpu_minutes },
  { id: 'memory', title: 'GiB hours', of: cost => cost.memory_gib_minutes }
];

/** The columns by which is summed, in their order. */
export function groupsOf(by: string): readonly Group[] {
  return by.split(',') as Group[];
}

/** A sum in words: what it is the sum of. */
export function labelOf(cost: Cost, by: string): string {
  return groupsOf(by)
    .map(group => cost[group] || `no ${group}`)
    .join(', ');
}

/** What a chart shows: what the table is ordered by, and costs where that is a name. */
export function measureOf(sort: unknown): IMeasure {
  return MEASURES.find(({ id }) => id === sort) ?? MEASURES[0];
}

/** From which day on, in UTC as the service counts: this month, and further back. */
export function sinceChoices(now: Date): readonly (readonly [string, string])[] {
  const first = (months: number) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1))
      .toISOString()
      .slice(0, 10);
  return [
    [first(0), 'This month'],
    [first(1), 'Last month'],
    [first(2), 'Three months'],
    [first(11), 'Twelve months'],
    ['', 'The beginning']
  ];
}
