// Generated from the routes of orrery_server/compute by "jlpm schemas"; change those and run it again.
import type { ServerConnection } from '@jupyterlab/services';

import { request, segment, type ICallOptions } from '../base/request';
import type { Page } from '../base/schemas';
import type { Ticket, TicketIn, TicketQuery } from './schemas';

/** The calls of compute, one per route of the lab's server. */
export class ComputeCalls {
  constructor(settings?: ServerConnection.ISettings) {
    this._settings = settings;
  }

  /** One page of the person's requests for devices, newest first. */
  listTickets(
    query: TicketQuery = {},
    options: ICallOptions = {}
  ): Promise<Page<Ticket>> {
    return request(
      'compute/tickets',
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** Request devices for a server: this one, unless another is named; it goes on as it is until the claim. */
  request(body: TicketIn, options: ICallOptions = {}): Promise<Ticket> {
    return request(
      'compute/tickets',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** One request, with its place, the expected wait and why it waits. */
  getTicket(ticket: number, options: ICallOptions = {}): Promise<Ticket> {
    return request(`compute/tickets/${segment(ticket)}`, options, this._settings);
  }

  /** Do not wait any more; an offer goes to the next. */
  cancel(ticket: number, options: ICallOptions = {}): Promise<void> {
    return request(
      `compute/tickets/${segment(ticket)}`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  /** Take the offer of a request: its server is started, and stopped before that if it runs elsewhere. */
  claim(ticket: number, options: ICallOptions = {}): Promise<Ticket> {
    return request(
      `compute/tickets/${segment(ticket)}/claim`,
      { ...options, method: 'POST' },
      this._settings
    );
  }

  private readonly _settings: ServerConnection.ISettings | undefined;
}
