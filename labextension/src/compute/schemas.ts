// Generated from the shapes of orrery_server/compute by "jlpm schemas"; change those and run it again.

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
