// Generated from the routes of orrery_server/compute by "jlpm schemas"; change those and run it again.
import type { ServerConnection } from '@jupyterlab/services';

import { request, segment, type ICallOptions } from '../base/request';
import type { Page } from '../base/schemas';
import type {
  BudgetRequest,
  BudgetRequestIn,
  BudgetRequestQuery,
  Cost,
  CostQuery,
  CullState,
  LaunchChoices,
  Lease,
  LeaseQuery,
  MyBudgets,
  Notices,
  OwnServerQuery,
  OwnServers,
  StartIn,
  StopIn,
  Ticket,
  TicketIn,
  TicketQuery,
  Use
} from './schemas';

/** The calls of compute, one per route of the lab's server. */
export class ComputeCalls {
  constructor(settings?: ServerConnection.ISettings) {
    this._settings = settings;
  }

  /** What a server, this one if none is named, may be started with: free devices, price, wait, and why not now. */
  launchChoices(
    query: OwnServerQuery = {},
    options: ICallOptions = {}
  ): Promise<LaunchChoices> {
    return request(
      'compute/launch',
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** One page of what the person's servers hold, and held. */
  listLeases(query: LeaseQuery = {}, options: ICallOptions = {}): Promise<Page<Lease>> {
    return request(
      'compute/leases',
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** The person's servers; this one is marked as the current one. */
  listServers(options: ICallOptions = {}): Promise<OwnServers> {
    return request('compute/servers', options, this._settings);
  }

  /** Start another server of the person. */
  startServer(body: StartIn, options: ICallOptions = {}): Promise<void> {
    return request(
      'compute/servers',
      { ...options, method: 'POST', body },
      this._settings
    );
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

  /** What the hub tells the person in this server. */
  notices(options: ICallOptions = {}): Promise<Notices> {
    return request('compute/notices', options, this._settings);
  }

  /** What this server uses now, and when it is stopped if it stays idle. */
  use(options: ICallOptions = {}): Promise<Use> {
    return request('compute/use', options, this._settings);
  }

  /** Put off that this server is stopped because it is idle. */
  extend(options: ICallOptions = {}): Promise<CullState> {
    return request('compute/extend', { ...options, method: 'POST' }, this._settings);
  }

  /** The budgets that bear on this server, and what it costs. */
  budgets(options: ICallOptions = {}): Promise<MyBudgets> {
    return request('compute/budgets', options, this._settings);
  }

  /** One page of what the person's servers cost, summed by person, project, pool or month. */
  costs(query: CostQuery = {}, options: ICallOptions = {}): Promise<Page<Cost>> {
    return request(
      'compute/costs',
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** Stop a server of the person, this one if none is named; then the answer may never arrive. */
  stopServer(body: StopIn, options: ICallOptions = {}): Promise<void> {
    return request(
      'compute/servers/stop',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** One page of the person's requests for more, newest first. */
  budgetRequests(
    query: BudgetRequestQuery = {},
    options: ICallOptions = {}
  ): Promise<Page<BudgetRequest>> {
    return request(
      'compute/budgets/requests',
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** Ask for more of a budget. */
  ask(body: BudgetRequestIn, options: ICallOptions = {}): Promise<BudgetRequest> {
    return request(
      'compute/budgets/requests',
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

  /** Do not show a notice any more. */
  dismiss(notice: number, options: ICallOptions = {}): Promise<void> {
    return request(
      `compute/notices/${segment(notice)}`,
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
