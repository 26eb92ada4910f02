/**
 * What other parts of the lab may ask of compute: the server that the lab runs on, and the person's requests for devices.
 */
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type {
  Budget,
  CullState,
  LaunchChoices,
  LaunchOptions,
  Lease,
  MyBudgets,
  Notice,
  OwnServer,
  Ticket,
  TicketIn,
  Use
} from './schemas';

/** What is known of compute: nothing yet, loading, known, or failed. */
export type ComputeState = 'idle' | 'loading' | 'ready' | 'failed';

/** The server that this lab runs on, what it may run on, and what the person waits for. */
export interface ICompute {
  /** Whether a hub runs this server; without one there is nothing to choose, and nobody waits. */
  readonly isAtHub: boolean;
  readonly state: ComputeState;
  /** Why something is not known. */
  readonly error: unknown;
  /** What this server may run on; null before it is known. */
  readonly choices: LaunchChoices | null;
  /** What this server holds of a pool; null if it holds nothing, or before it is known. */
  readonly lease: Lease | null;
  /** This server; null before it is known. */
  readonly current: OwnServer | null;
  /** The person's other servers. */
  readonly others: readonly OwnServer[];
  /** The person's open requests for devices, newest first. */
  readonly tickets: readonly Ticket[];
  /** What the hub tells the person in this server. */
  readonly notices: readonly Notice[];
  /** What this server uses; null where the server does not offer it. */
  readonly use: Use | null;
  /** The budgets of this server; null where the server does not offer it. */
  readonly budgets: MyBudgets | null;
  /** Whether budgets and the end of idle servers are offered. */
  readonly hasAllowance: boolean;
  /** Emitted whenever any of it may have changed. */
  readonly changed: ISignal<ICompute, void>;

  /** Ask the server for everything again. */
  refresh(): Promise<void>;
  /** Request devices; for this server, unless another is named. */
  request(request: TicketIn): Promise<Ticket>;
  /** Take the offer of a request. */
  claim(ticket: number): Promise<Ticket>;
  /** Do not wait any more. */
  cancel(ticket: number): Promise<void>;
  /** Start another server of the person. */
  startServer(name: string, options: LaunchOptions | null): Promise<void>;
  /** Stop a server; this one, unless another is named. */
  stopServer(name?: string): Promise<void>;
  /** Do not show a notice any more. */
  dismiss(notice: number): Promise<void>;
  /** Put off that this server is stopped because it is idle. */
  extend(): Promise<CullState>;
  /** Ask for more of a budget. */
  askForMore(budget: Budget, amount: number, reason: string): Promise<void>;
}

/** The token of compute. */
export const ICompute = new Token<ICompute>(
  '@orrery/labextension:ICompute',
  'A service that knows the server of the lab and the requests for devices.'
);
