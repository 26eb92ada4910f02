// Generated from the shapes of orrery_server/compute by "jlpm schemas"; change those and run it again.

export type Resource = 'device' | 'cpu' | 'memory' | 'money';
export type Period = 'month' | 'quarter' | 'year' | 'total';
export type Subject = 'person' | 'project' | 'everyone';
export type RequestState = 'open' | 'approved' | 'refused' | 'withdrawn';
export type UseState = 'in_use' | 'idle' | 'unknown';
export type NoticeKind =
  'budget' | 'budget_stop' | 'cull' | 'queue' | 'claim' | 'maintenance' | 'message';
export type NoticeLevel = 'info' | 'warning' | 'error';
export type NoticeAction = '' | 'extend' | 'request' | 'claim';
export type LeaseState = 'reserved' | 'running' | 'ended';
export type OpenState = 'waiting' | 'offered' | 'claimed';
export type Cause =
  | ''
  | 'no_device'
  | 'draining'
  | 'server_limit'
  | 'person_limit'
  | 'project_limit'
  | 'project'
  | 'budget'
  | 'queue';
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

/** More of a budget, until a day. */
export interface BudgetRequestIn {
  budget: number;
  /** Device minutes, CPU minutes, GiB minutes, or micro-units of money. */
  amount: number;
  /** Until when; null: until the period ends. */
  until?: string | null;
  reason?: string;
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

/** Which requests, which page; newest first. */
export interface BudgetRequestQuery {
  offset?: number;
  limit?: number;
  state?: RequestState | null;
  budget?: number | null;
}

/** Which costs, which page. */
export interface CostQuery {
  offset?: number;
  limit?: number;
  /** Columns separated by commas: `person`, `project`, `pool`, `month`. */
  by?: string;
  /** From this day on, in UTC. */
  since?: string | null;
  /** Before this day, in UTC. */
  until?: string | null;
  person?: string;
  project?: string | null;
  pool?: string | null;
  sort?:
    'person' | 'project' | 'pool' | 'month' | 'money' | 'device' | 'cpu' | 'memory';
  descending?: boolean;
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

/** What a person has to know now: what, why, and what can be done. */
export interface Notice {
  id: number;
  kind: NoticeKind;
  level: NoticeLevel;
  message: string;
  reason: string;
  remedy: string;
  /** For which server; null: for every server. */
  server: string | null;
  /** Id of the budget, ticket or server it is about. */
  subject: string;
  /** What the lab offers as a button; empty for nothing. */
  action: NoticeAction;
  created: string;
  /** When what it announces happens; null if nothing does by itself. */
  deadline: string | null;
}

/** The notices of a person, newest first, at most 50. */
export interface Notices {
  items: readonly Notice[];
  /** After how many seconds to ask again. */
  poll_seconds: number;
}

/** Place in the queue of a pool, and the range of the expected wait; null where that is not known. */
export interface WaitEstimate {
  place: number;
  low_seconds: number | null;
  high_seconds: number | null;
}

/** A request in the queue that has not ended, as its person sees it before a start. */
export interface OpenRequest {
  id: number;
  /** Empty for the default server. */
  server_name: string;
  profile: string;
  pool_name: string;
  state: OpenState;
  /** The server runs with something else meanwhile. */
  is_move: boolean;
  /** Null unless it waits. */
  wait: WaitEstimate | null;
  /** Why it waits, in words. */
  reason: string;
  remedy: string;
  /** Until when what it needs is held; null unless it is offered. */
  claim_until: string | null;
}

/** A dataset that can be mounted into a server. */
export interface DatasetChoice {
  name: string;
  description: string;
  /** Where it is in the server. */
  path: string;
  is_read_only: boolean;
}

/** An image of the catalogue that a server can be started from. */
export interface ImageChoice {
  slug: string;
  name: string;
  description: string;
  labels: {
    [k: string]: string;
  };

  /** The tag that is used if none is chosen. */
  tag: string;
  /** Regular expression of the tags that may be chosen; empty: none but the image's own. */
  tag_pattern: string;
}

/** A hardware profile as a person sees it before a start. */
export interface ProfileChoice {
  slug: string;
  name: string;
  description: string;
  pool: string;
  pool_name: string;
  /** Empty: a profile without devices. */
  device_type: string;
  mig_slice: string;
  devices: number;
  /** Cores that are guaranteed. */
  cpu: number;
  /** Memory that is guaranteed. */
  memory_bytes: number;
  is_spot: boolean;
  /** Null: the pool has no limit. */
  pool_devices: number | null;
  used_devices: number;
  /** Null: the pool has no limit. */
  free_devices: number | null;
  /** Price of an hour, in millionths; null: no rate is set. */
  price_micros: number | null;
  currency: string;
  /** What is left of the budget, in millionths; null: no budget. */
  budget_left_micros: number | null;
  cause: Cause;
  /** Why it cannot be started now, in words. */
  reason: string;
  remedy: string;
  /** What it needs is held for this server: the person's turn has come. */
  is_held: boolean;
  /** A ticket can be had for it. */
  may_queue: boolean;
  wait: WaitEstimate | null;
  /** Projects of the person that the server can work for. */
  projects: readonly string[];
  /** Only what works for one of those projects may use the pool. */
  needs_project: boolean;
  images: readonly string[];
  default_image: string;
  datasets: readonly DatasetChoice[];
  may_set_environment: boolean;
  may_set_startup_script: boolean;
}

/** What a person may start. */
export interface LaunchChoices {
  /** False: no profile is declared, and a server just starts. */
  is_required: boolean;
  profiles: readonly ProfileChoice[];
  images: readonly ImageChoice[];
  /** What was chosen for this server the last time. */
  last: LaunchOptions | null;
  /** What the person waits for, for this server and others. */
  requests: readonly OpenRequest[];
}

/** What a person chooses for a server before it starts. */
export interface LaunchOptions {
  profile: string;
  /** The project that the server works for and that pays for it. */
  project: string;
  /** Empty: the profile's default image. */
  image: string;
  /** Empty: the image's own tag. */
  tag: string;
  environment: {
    /**
     * This interface was referenced by `undefined`'s JSON-Schema definition
     * via the `patternProperty` "^[A-Za-z_][A-Za-z0-9_]{0,127}$".
     */
    [k: string]: string;
  };

  /** Shell commands that run before the server starts. */
  startup_script: string;
  /** Datasets of the profile to mount, by name. */
  datasets: readonly string[];
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

/** Which leases, which page. */
export interface LeaseQuery {
  offset?: number;
  limit?: number;
  /** Words of names of people and servers. */
  q?: string;
  pool?: string;
  project?: string;
  /** Empty: all; `open`: reserved and running. */
  state?: '' | 'open' | 'reserved' | 'running' | 'ended';
  sort?: 'started' | 'ended' | 'user' | 'devices';
  descending?: boolean;
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

/** A server to start as soon as its pool has room. */
export interface TicketIn {
  /** Empty for the default server. */
  server_name?: string;
  options: LaunchOptions;
  priority?: 'low' | 'normal';
  /** Start without asking as soon as a device is free. */
  auto_claim?: boolean;
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

/** Which of the own tickets, which page. */
export interface TicketQuery {
  offset?: number;
  limit?: number;
  /** Only those that have not ended. */
  is_open?: boolean;
}

/** A server of the person that starts, runs or stops. */
export interface OwnServer {
  /** Empty for the default server. */
  name: string;
  display_name: string;
  /** Whether it is the server that was named in the query. */
  is_current: boolean;
  state: 'starting' | 'ready' | 'stopping';
  started: string | null;
  last_activity: string | null;
  /** Its path at the hub. */
  url: string;
}

/** The servers of a person, the default one first, as they were a few seconds ago. */
export interface OwnServers {
  items: readonly OwnServer[];
}

/** Which server of the person. */
export interface OwnServerQuery {
  /** Empty for the default server. */
  server?: string;
}

/** A server of the person to stop, as a lab is asked for it. */
export interface StopIn {
  /** Empty for the default server; null for the lab's own. */
  server_name?: string | null;
}

/** A server of the person to start. */
export interface StartIn {
  /** Empty for the default server. */
  server_name?: string;
  /** Null: as it was started last. */
  options?: LaunchOptions | null;
}

/** What a lab measured in the last minute. */
export interface Activity {
  busy_kernels: number;
  /** Since when no kernel has computed anything; null if none has since the start. */
  idle_seconds: number | null;
  /** Thousandths of a CPU, on average. */
  cpu_millis: number;
  memory_mib: number;
  /** Use of the devices; null if not measured. */
  device_permille: number | null;
  /** Why the devices are not measured. */
  device_note: string;
}

/** Whether a server is idle, and when it is stopped for that. */
export interface CullState {
  /** Whether a limit for idle servers applies to it. */
  is_limited: boolean;
  state: UseState;
  idle_since: string | null;
  /** After how many idle minutes it is stopped. */
  idle_minutes: number | null;
  /** When it is stopped if it stays idle; null while it is in use or unlimited. */
  cull_at: string | null;
  is_warned: boolean;
  extensions_left: number;
  extension_minutes: number;
  /** After how many seconds to report again. */
  report_seconds: number;
}

/** What this server uses now, and how it stands with the limit for idle servers. */
export interface Use {
  server: string;
  /** Measured since the last report to the hub. */
  activity: Activity;
  culling: CullState;
}
