/**
 * What a server with budgets and limits for idle servers offers beside pools and the queue.
 *
 * The generated calls have these methods where the server extension has the routes; without them nothing of it is shown.
 */
import type { ICallOptions } from '../base/request';

/** What this server uses now. */
export interface IActivity {
  /** Thousandths of a CPU, on average. */
  readonly cpu_millis: number;
  readonly memory_mib: number;
  /** Use of the devices in thousandths; null if not measured. */
  readonly device_permille: number | null;
}

/** Whether the server is idle, and when it is stopped for that. */
export interface ICullState {
  /** When it is stopped if it stays idle; null while it is in use or unlimited. */
  readonly cull_at: string | null;
  readonly extensions_left: number;
  readonly extension_minutes: number;
}

/** What this server uses, and how it stands with the limit for idle servers. */
export interface IUse {
  readonly activity: IActivity;
  readonly culling: ICullState;
}

/** A budget, and where it stands in the present period. */
export interface IBudget {
  readonly id: number;
  readonly subject: 'person' | 'project' | 'everyone';
  readonly project: string;
  readonly resource: 'device' | 'cpu' | 'memory' | 'money';
  readonly period: 'month' | 'quarter' | 'year' | 'total';
  readonly limit: number;
  readonly granted: number;
  readonly used: number;
  /** Use in percent of limit and grants together. */
  readonly percent: number;
  readonly is_exhausted: boolean;
  /** In how many minutes it is exhausted if nothing starts or stops; null if nothing draws on it. */
  readonly minutes_left: number | null;
}

/** The budgets that bear on this server. */
export interface IBudgets {
  readonly currency: string;
  readonly budgets: readonly IBudget[];
}

/** A request for more of a budget. */
export interface IBudgetRequest {
  budget: number;
  /** In minutes of devices or CPUs, GiB minutes, or millionths of money. */
  amount: number;
  reason: string;
}

/** The calls of budgets and limits for idle servers. */
export interface IAllowance {
  use(options?: ICallOptions): Promise<IUse>;
  extend(options?: ICallOptions): Promise<ICullState>;
  budgets(options?: ICallOptions): Promise<IBudgets>;
  ask(body: IBudgetRequest, options?: ICallOptions): Promise<unknown>;
}

const METHODS = ['use', 'extend', 'budgets', 'ask'] as const;

/** The calls of a client for budgets and limits; null where its server offers none. */
export function allowanceOf(client: object): IAllowance | null {
  return METHODS.every(method => method in client) ? (client as IAllowance) : null;
}
