// Generated from the shapes of orrery_hub by "jlpm schemas"; change those and run it again.

export type ServerState = 'starting' | 'ready' | 'stopping';
export type Status = 'ok' | 'degraded' | 'failing' | 'unknown';
export type JobState = 'queued' | 'running' | 'done' | 'cancelled';
export type ItemState = 'pending' | 'done' | 'failed' | 'cancelled';
export type Level = 'info' | 'warning';
export type Place = 'login' | 'spawn' | 'lab';
export type Outcome = 'done' | 'forbidden' | 'conflict' | 'too_many';
export type Period = 'month' | 'quarter' | 'year' | 'total';
export type Resource = 'device' | 'cpu' | 'memory' | 'money';
export type Subject = 'person' | 'project' | 'everyone';
export type RequestState = 'open' | 'approved' | 'refused' | 'withdrawn';
export type LeaseState = 'reserved' | 'running' | 'ended';
export type Role = 'owner' | 'editor' | 'viewer';
export type TicketState =
  'waiting' | 'offered' | 'claimed' | 'started' | 'cancelled' | 'expired' | 'failed';
export type Priority = 'low' | 'normal' | 'high';
export type CauseKind =
  | 'ahead'
  | 'budget'
  | 'capacity'
  | 'configuration'
  | 'control_plane'
  | 'crash'
  | 'drained'
  | 'image'
  | 'maintenance'
  | 'memory'
  | 'network'
  | 'no_node'
  | 'node_fault'
  | 'node_resources'
  | 'not_permitted'
  | 'person_maximum'
  | 'policy'
  | 'preempted'
  | 'quota'
  | 'scaling'
  | 'starting'
  | 'time_limit'
  | 'too_large'
  | 'unknown'
  | 'volume';

/** A server that starts, runs or stops. */
export interface RunningServer {
  /** Person and name of the server, as in an address. */
  id: string;
  user: string;
  /** Null for an account that the service has not seen. */
  person_id: number | null;
  /** Empty for the default server. */
  name: string;
  display_name: string;
  state: ServerState;
  /** The project that it works in. */
  project: string | null;
  /** The profile that was chosen when it was started, if any. */
  profile: string;
  started: string | null;
  last_activity: string | null;
  url: string;
}

/** A part of the product and how it is. */
export interface Part {
  name: string;
  title: string;
  status: Status;
  /** What it says of itself, in a few words. */
  text: string;
  /** How long it took to answer. */
  milliseconds: number | null;
}

/** Work that the service does by itself: how often since it started. */
export interface Work {
  name: string;
  done: number;
  failed: number;
}

/** Every part, and the work in the background. */
export interface Parts {
  parts: readonly Part[];
  work: readonly Work[];
  version: string;
  started: string;
}

/** An action on many objects, which goes on when nobody looks, and after a restart of the service. */
export interface Job {
  id: number;
  action: string;
  title: string;
  who: string;
  is_dry_run: boolean;
  state: JobState;
  total: number;
  done: number;
  failed: number;
  created: string;
  started: string | null;
  ended: string | null;
}

/** What became of one object of a job. */
export interface JobItem {
  position: number;
  target: string;
  state: ItemState;
  message: string;
}

/** A text for everybody. */
export interface Announcement {
  id: number;
  text: string;
  level: Level;
  places: readonly Place[];
  starts: string;
  ends: string | null;
  /** Whether it is shown now. */
  is_shown: boolean;
  created_by: string;
}

/** Whether new servers may start. */
export interface Maintenance {
  blocks_spawns: boolean;
  /** Why, for whoever wants to start one. */
  message: string;
  /** Null blocks at once. */
  starts: string | null;
  /** When it ends by itself; null ends it by hand only. */
  ends: string | null;
  /** Whether it is so now. */
  is_active: boolean;
  changed: string | null;
  changed_by: string;
}

/** What is known of the chain: since the service started nobody looked, or what the last verification said. */
export interface ChainState {
  state: 'unknown' | 'running' | 'intact' | 'broken' | 'failed';
  /** Entries that were checked. */
  checked: number;
  /** Entries that there were at the start. */
  total: number;
  problem_count: number;
  /** The first twenty. */
  problems: readonly string[];
  /** Id and hash of the newest entry. */
  anchor: string;
  started: string | null;
  ended: string | null;
}

/** One audit entry: who did what to which object, when, from where, with which outcome. */
export interface Entry {
  id: number;
  when: string;
  who: string;
  /** Who it was, whatever the name is today; null for what Orrery did. */
  person_id: number | null;
  /** The scope that the route needs. */
  permission: string;
  /** The project, if the object belongs to one. */
  project: string;
  /** Capability and verb, such as `snippets.save`; of what was refused, method and route. */
  what: string;
  /** The object's id or name. */
  on: string;
  /** What was, as far as it changed. */
  before: {
    [k: string]: unknown;
  } | null;
  /** What is, as far as it changed. */
  after: {
    [k: string]: unknown;
  } | null;
  outcome: Outcome;
  /** Client address of the request. */
  address: string;
  request_id: string;
  /** What the client calls the request; nobody checks it. */
  client_request_id: string;
  /** SHA-256 over this entry and the hash before it. */
  hash: string;
}

/** Health of the service. `degraded`: it works, and an operator has to read the notices; `read-only`: nothing can be saved. */
export interface Health {
  status: 'ok' | 'degraded' | 'failing';
  database: 'ok' | 'read-only' | 'failing';
  notices: readonly string[];
}

/** What a pool costs, or will cost, in micro-units of money for an hour. */
export interface Rate {
  id: number;
  pool: string;
  device: number;
  cpu: number;
  memory_gib: number;
  currency: string;
  valid_from: string;
  /** When the next rate begins; null for the last. */
  valid_until: string | null;
  /** Whether it is not valid yet. */
  is_removable: boolean;
}

/** Somebody whom the hub service knows. */
export interface Person {
  /** Stays, whatever happens to the name. */
  id: number;
  name: string;
  /** When JupyterHub created the account; null while only an invitation is known. */
  created: string | null;
  first_visit: string | null;
  /** When the account was seen to be gone; null for one that is there. */
  ended: string | null;
  /** Whose account it is too, after a merge. */
  merged_into: number | null;
  /** Whether the account administers JupyterHub; null as long as it was not asked. */
  is_admin: boolean | null;
  /** When the account last did something at JupyterHub, minutes ago. */
  last_activity: string | null;
  /** Projects in use, with roles. */
  projects: readonly Membership[];
  /** How many servers run now. */
  servers: number;
}

/** A taint of nodes that pods of a profile tolerate. */
export interface Toleration {
  key: string;
  operator: 'Equal' | 'Exists';
  value: string;
  effect: '' | 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** What belongs to every server of a pool, on Kubernetes. */
export interface PoolSpec {
  node_selector: {
    /**
     * This interface was referenced by `undefined`'s JSON-Schema definition
     * via the `patternProperty` "^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$".
     */
    [k: string]: string;
  };
  tolerations: readonly Toleration[];
  /** Kueue's LocalQueue; empty: none. */
  queue_name: string;
}

/** A tool or page outside Orrery that belongs to a project. */
export interface ServiceLink {
  title: string;
  url: string;
}

/** A pool with the use of it. */
export interface Pool {
  slug: string;
  name: string;
  description: string;
  /** Empty: a pool without devices. */
  device_type: string;
  /** Null for the default pool, which has the rest of its type. */
  devices: number | null;
  /** It has what no other pool of its type has. */
  is_default: boolean;
  /** True: no grant to a project is needed to use it. */
  for_everyone: boolean;
  /** Null: any number. */
  max_servers: number | null;
  /** Null: any number. */
  devices_per_person: number | null;
  spec: PoolSpec;
  /** Order of lists. */
  position: number;
  id: number;
  /** Null: a pool without devices. */
  total_devices: number | null;
  used_devices: number;
  free_devices: number | null;
  servers: number;
  is_draining: boolean;
  drain_reason: string;
  is_declared: boolean;
  created: string;
  updated: string;
}

/** A project that may use a pool. */
export interface Grant {
  /** Devices at once; null: any number. */
  devices: number | null;
  project: string;
  name: string;
  used_devices: number;
  since: string;
}

/** A project as an administrator of the hub sees it: what it is, never what its members wrote into it. */
export interface ManagedProject {
  slug: string;
  name: string;
  members: number;
  /** Owners who can act, five at most. */
  owners: readonly string[];
  created: string;
  updated: string;
  deleted: string | null;
  /** Until when a deleted project can be brought back. */
  purge_after: string | null;
}

/** A budget and where it stands in the present period. */
export interface Budget {
  id: number;
  /** Whose servers count: a person's, those in a project together, or each person's without an own budget. */
  subject: Subject;
  person: string;
  project: string;
  resource: Resource;
  period: Period;
  /** Device minutes, CPU minutes, GiB minutes, or micro-units of money. */
  limit: number;
  /** What approved requests add to the limit now. */
  granted: number;
  /** What was used of it in the period. */
  used: number;
  /** Use in percent of limit and grants together. */
  percent: number;
  /** Whether servers that draw on it are stopped. */
  is_exhausted: boolean;
  /** In how many minutes it is exhausted if nothing starts or stops; null if nothing draws on it. */
  minutes_left: number | null;
  /** When the period began; null without periods. */
  starts: string | null;
  /** When the next period begins; null without periods. */
  ends: string | null;
}

/** What one running server of a person costs. */
export interface ServerCost {
  server: string;
  pool: string;
  project: string;
  /** Micro-units of money. */
  price_per_hour: number;
  since: string;
  /** Micro-units of money since it started. */
  money: number;
}

/** The budgets that bear on a person's servers, and what the running ones cost. */
export interface MyBudgets {
  currency: string;
  budgets: readonly Budget[];
  servers: readonly ServerCost[];
}

/** A request for more, and what became of it. */
export interface BudgetRequest {
  id: number;
  budget: number;
  subject: Subject;
  project: string;
  resource: Resource;
  /** Who asks. */
  person: string;
  /** Device minutes, CPU minutes, GiB minutes, or micro-units of money. */
  amount: number;
  until: string | null;
  reason: string;
  state: RequestState;
  created: string;
  decided: string | null;
  decided_by: string;
  answer: string;
}

/** A sum of costs; a column by which nothing is summed is empty. */
export interface Cost {
  person: string;
  /** Empty too for servers without a project. */
  project: string;
  pool: string;
  /** Such as 2026-11, in UTC. */
  month: string;
  device_minutes: number;
  cpu_minutes: number;
  memory_gib_minutes: number;
  /** Micro-units of money. */
  money: number;
}

/** Devices, processors and memory that a server holds, from its start to its end. */
export interface Lease {
  id: number;
  user: string;
  server: string;
  project: string | null;
  pool: string | null;
  profile: string | null;
  devices: number;
  cpu: number;
  memory_bytes: number;
  is_spot: boolean;
  device_ids: readonly number[];
  state: LeaseState;
  reserved_at: string;
  reserved_until: string | null;
  started_at: string | null;
  seen_at: string;
  ended_at: string | null;
  end_reason: string;
}

/** A project as one of its members sees it. */
export interface Project {
  category: string | null;
  labels: readonly string[];
  links: readonly ServiceLink[];
  /** Since when it is archived: read only, and out of the way. */
  archived: string | null;
  /** Whether the person who asks pinned it. */
  pinned: boolean;
  slug: string;
  name: string;
  description: string;
  /** What the person who asks is in it. */
  role: Role;
  members: number;
  /** Where its data lies: a folder or URL. */
  lake: string;
  /** Where its code lies: a Git URL or folder. */
  repository: string;
  created: string;
  updated: string;
  /** When it was deleted; null for a project that is in use. */
  deleted: string | null;
  /** Until when it can come back. */
  purge_after: string | null;
}

/** One project member. */
export interface Member {
  user: string;
  role: Role;
  since: string;
}

/** A project that a person is in, and as what. */
export interface Membership {
  slug: string;
  role: Role;
}

/** Why a server does not start now, in plain words. */
export interface WaitCause {
  kind: CauseKind;
  /** One sentence for a person. */
  text: string;
  /** What the person or an administrator can do. */
  remedy: string;
  /** What the sentence is made of, for translations. */
  values: {
    [k: string]: string | number;
  };
}

/** How long it will take until a device is offered: between so many and so many seconds, in four of five cases. */
export interface WaitRange {
  low_seconds: number;
  high_seconds: number;
}

/** A request for devices that waits, is offered them, or has ended. */
export interface Ticket {
  id: number;
  /** Whose it is. */
  person: string;
  server_name: string;
  project: string | null;
  pool: string;
  pool_name: string;
  profile: string;
  devices: number;
  state: TicketState;
  priority: Priority;
  auto_claim: boolean;
  /** The server runs without these devices; after the claim it is stopped and started with them. */
  is_move: boolean;
  /** An administrator lets it pass before all others. */
  run_now: boolean;
  /** 1 for the next of the pool; null unless it waits. */
  place: number | null;
  /** When a device will be offered, from now; null unless it waits. */
  wait: WaitRange | null;
  /** Why it waits, or why it failed. */
  cause: WaitCause | null;
  created: string;
  offered: string | null;
  /** Until when an offer can be claimed. */
  claim_until: string | null;
  ended: string | null;
  missed_offers: number;
}
