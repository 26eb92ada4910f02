/**
 * What a server with budgets and limits for idle servers offers beside pools and the queue.
 *
 * The calls of a client have these methods where its server has the routes; without them nothing of it is shown.
 */
import type { ComputeClient } from './client';

const METHODS = ['use', 'extend', 'budgets', 'ask'] as const;

/** The calls of budgets and limits for idle servers. */
export type IAllowance = Pick<ComputeClient, (typeof METHODS)[number]>;

/** The calls of a client for budgets and limits; null where its server offers none. */
export function allowanceOf(client: object): IAllowance | null {
  return METHODS.every(method => method in client) ? (client as IAllowance) : null;
}
