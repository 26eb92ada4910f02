// Generated from the shapes of orrery_wire by "jlpm schemas"; change those and run it again.

export type Period = 'month' | 'quarter' | 'year' | 'total';
export type Resource = 'device' | 'cpu' | 'memory' | 'money';
export type Subject = 'person' | 'project' | 'everyone';
export type UseState = 'in_use' | 'idle' | 'unknown';
export type CauseKind =
  | 'ahead'
  | 'budget'
  | 'capacity'
  | 'configuration'
  | 'control_plane'
  | 'crash'
  | 'disk'
  | 'drained'
  | 'ended'
  | 'hub_service'
  | 'image'
  | 'maintenance'
  | 'memory'
  | 'mount'
  | 'network'
  | 'no_answer'
  | 'no_node'
  | 'node_fault'
  | 'node_resources'
  | 'not_permitted'
  | 'person_maximum'
  | 'policy'
  | 'preempted'
  | 'quota'
  | 'scaling'
  | 'software'
  | 'starting'
  | 'time_limit'
  | 'too_large'
  | 'unknown'
  | 'volume';
export type RequestState = 'open' | 'approved' | 'refused' | 'withdrawn';
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
export type ColumnType =
  | 'boolean'
  | 'integer'
  | 'float'
  | 'decimal'
  | 'text'
  | 'category'
  | 'datetime'
  | 'date'
  | 'time'
  | 'duration'
  | 'binary'
  | 'nested'
  | 'null'
  | 'mixed';

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

/** A server of the person that did not start, or ended by itself, a short while ago. */
export interface LastFailure {
  /** Empty for the default server. */
  server: string;
  /** It did not start, and has not run since; false: it ran, and ended by itself. */
  is_start: boolean;
  /** Why, in words. */
  reason: string;
  remedy: string;
  at: string;
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

/** A tool or page outside Orrery that belongs to a project. */
export interface ServiceLink {
  title: string;
  url: string;
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
    [k: string]: string;
  };

  /** Shell commands that run before the server starts. */
  startup_script: string;
  /** Datasets of the profile to mount, by name. */
  datasets: readonly string[];
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

/** Options of reading; one that is not given is found out from the source. */
export interface ReaderOptions {
  /** Between the fields of a line; a blank stands for any number of blanks and tabs. */
  delimiter: string | null;
  /** Around fields; empty: there are no quotes. */
  quote: string | null;
  /** Before a quote in a field; empty: it is doubled. */
  escape: string | null;
  /** A codec's name, such as windows-1252. */
  encoding: string | null;
  decimal: ('.' | ',') | null;
  thousands: ('' | ',' | '.' | ' ' | "'" | '_') | null;
  /** The line or row of the names, counted from 1 after what is skipped; 0: there are none. */
  header: number | null;
  /** Lines or rows before the table. */
  skip: number | null;
  /** Lines that begin with it are left out; empty: none. */
  comment: string | null;
  /** Texts that stand for a missing value, besides none at all. */
  na: readonly string[] | null;
  /** The order of day, month and year in dates such as 03-04-05. */
  date_order: ('dmy' | 'mdy' | 'ymd' | 'ydm') | null;
  /** Whether 03/04/2024 is the third of April. */
  day_first: boolean | null;
}
