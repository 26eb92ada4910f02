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

/** What a person chooses for a server before it starts. */
export interface LaunchOptions {
  profile: string;
  /** The project that the server works for and that pays for it. */
  project?: string;
  /** Empty: the profile's default image. */
  image?: string;
  /** Empty: the image's own tag. */
  tag?: string;
  environment?: {
    /**
     * This interface was referenced by `undefined`'s JSON-Schema definition
     * via the `patternProperty` "^[A-Za-z_][A-Za-z0-9_]{0,127}$".
     */
    [k: string]: string;
  };

  /** Shell commands that run before the server starts. */
  startup_script?: string;
  /** Datasets of the profile to mount, by name. */
  datasets?: readonly string[];
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
