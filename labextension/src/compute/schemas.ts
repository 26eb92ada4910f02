// Generated from the shapes of orrery_server/compute by "jlpm schemas"; change those and run it again.
import type {
  Resource,
  Period,
  Subject,
  RequestState,
  UseState,
  LeaseState,
  OpenState,
  Cause,
  TicketState,
  Priority,
  CauseKind,
  Budget,
  ServerCost,
  MyBudgets,
  BudgetRequest,
  Cost,
  WaitEstimate,
  OpenRequest,
  LastFailure,
  DatasetChoice,
  ImageChoice,
  ProfileChoice,
  Lease,
  WaitCause,
  WaitRange,
  Ticket,
  LaunchOptions
} from '../base/shared/schemas';

export type {
  Resource,
  Period,
  Subject,
  RequestState,
  UseState,
  LeaseState,
  OpenState,
  Cause,
  TicketState,
  Priority,
  CauseKind,
  Budget,
  ServerCost,
  MyBudgets,
  BudgetRequest,
  Cost,
  WaitEstimate,
  OpenRequest,
  LastFailure,
  DatasetChoice,
  ImageChoice,
  ProfileChoice,
  Lease,
  WaitCause,
  WaitRange,
  Ticket,
  LaunchOptions
};

export type NoticeKind =
  | 'budget'
  | 'budget_stop'
  | 'cull'
  | 'queue'
  | 'claim'
  | 'failure'
  | 'maintenance'
  | 'message';
export type NoticeLevel = 'info' | 'warning' | 'error';
export type NoticeAction = '' | 'extend' | 'request' | 'claim';

/** More of a budget, until a day. */
export interface BudgetRequestIn {
  budget: number;
  /** Device minutes, CPU minutes, GiB minutes, or micro-units of money. */
  amount: number;
  /** Until when; null: until the period ends. */
  until?: string | null;
  reason?: string;
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
  /** The person's servers that failed in the last day, newest first. */
  failures: readonly LastFailure[];
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

/** A server to start as soon as its pool has room. */
export interface TicketIn {
  /** Empty for the default server. */
  server_name?: string;
  options: LaunchOptions;
  priority?: 'low' | 'normal';
  /** Start without asking as soon as a device is free. */
  auto_claim?: boolean;
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
