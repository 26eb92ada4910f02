/**
 * Names of what went wrong, and how far a server came.
 */
import type { CauseKind, Failure } from '../../schemas';

/** Short names of causes, for a list; the sentence of a cause says the same at length. */
export const CAUSES: Record<CauseKind, string> = {
  ahead: 'Others first',
  budget: 'Budget',
  capacity: 'No free device',
  configuration: 'Set up wrongly',
  control_plane: 'Kubernetes is busy',
  crash: 'Crashed',
  disk: 'Disk full',
  drained: 'Pool is emptied',
  ended: 'Ended by itself',
  hub_service: 'Hub service away',
  image: 'Image',
  maintenance: 'Maintenance',
  memory: 'Out of memory',
  mount: 'Folder not mounted',
  network: 'Network',
  no_answer: 'No answer',
  no_node: 'No such node',
  node_fault: 'Node broken',
  node_resources: 'Nodes are full',
  not_permitted: 'Not permitted',
  person_maximum: 'Maximum of a person',
  policy: 'Rule of the cluster',
  preempted: 'Preempted',
  quota: 'Quota',
  scaling: 'Node is ordered',
  software: 'Package missing',
  starting: 'Still starting',
  time_limit: 'Time limit',
  too_large: 'Too large',
  unknown: 'Unknown',
  volume: 'Disk not attached'
};

export const STAGES: Record<Failure['stage'], string> = {
  prepare: 'Before its start',
  start: 'While it started',
  answer: 'Before it answered',
  run: 'While it ran'
};

/** What the machine said of it, in its own words. */
export function detailOf(failure: Failure): string {
  const { detail } = failure.cause.values;
  return detail === undefined ? '' : String(detail);
}

/** How long it took until it failed. */
export function lengthText(failure: Pick<Failure, 'began' | 'at'>): string {
  const seconds = Math.round(
    (Date.parse(failure.at) - Date.parse(failure.began)) / 1000
  );
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
