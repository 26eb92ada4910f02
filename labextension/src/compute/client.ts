/**
 * What can be asked of the server about compute.
 */
import type { ICallOptions } from '../base/request';
import { ComputeCalls } from './calls';
import type { StartIn, Ticket } from './schemas';

// The hub waits for JupyterHub, which answers after ten seconds at most and goes on.
const START_MS = 60_000;

/** The client of the person's own server. */
export class ComputeClient extends ComputeCalls {
  override startServer(body: StartIn, options: ICallOptions = {}): Promise<void> {
    return super.startServer(body, { timeoutMs: START_MS, ...options });
  }

  override claim(ticket: number, options: ICallOptions = {}): Promise<Ticket> {
    return super.claim(ticket, { timeoutMs: START_MS, ...options });
  }
}

/** The calls that the model needs. */
export type IComputeClient = Pick<
  ComputeClient,
  | 'cancel'
  | 'claim'
  | 'dismiss'
  | 'launchChoices'
  | 'listLeases'
  | 'listServers'
  | 'listTickets'
  | 'notices'
  | 'request'
  | 'startServer'
  | 'stopServer'
>;
