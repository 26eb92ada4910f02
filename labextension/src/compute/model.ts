/**
 * What this lab knows of the server that it runs on, and of the person's requests for devices.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { NetworkDown, NotFound, OrreryError, TimedOut, toError } from '../base/errors';
import type { IAllowance } from './allowance';
import type { IComputeClient } from './client';
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
import type { ComputeState, ICompute } from './tokens';

const LIST_LIMIT = 200;
const POLL_MS = 10_000;

/** Everything that a question answers. */
interface IKnown {
  choices: LaunchChoices | null;
  leases: readonly Lease[];
  servers: readonly OwnServer[];
  tickets: readonly Ticket[];
  notices: readonly Notice[];
  use: Use | null;
  budgets: MyBudgets | null;
}

const UNKNOWN: IKnown = {
  choices: null,
  leases: [],
  servers: [],
  tickets: [],
  notices: [],
  use: null,
  budgets: null
};

export interface IComputeModelOptions {
  client: IComputeClient;
  /** Budgets and limits for idle servers; null where the server offers none. */
  allowance: IAllowance | null;
  isAtHub: boolean;
  /** The name of this server at the hub, which the list of servers may not have yet. */
  serverName: string;
}

/** This server, its requests, and what the hub tells the person. */
export class ComputeModel implements ICompute, IDisposable {
  constructor(private readonly _options: IComputeModelOptions) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isAtHub(): boolean {
    return this._options.isAtHub;
  }

  get state(): ComputeState {
    return this._state;
  }

  get error(): unknown {
    return this._error;
  }

  get choices(): LaunchChoices | null {
    return this._known.choices;
  }

  get current(): OwnServer | null {
    return this._known.servers.find(server => server.is_current) ?? null;
  }

  get others(): readonly OwnServer[] {
    return this._known.servers.filter(server => !server.is_current);
  }

  get lease(): Lease | null {
    const { serverName } = this._options;
    return this._known.leases.find(({ server }) => server === serverName) ?? null;
  }

  get tickets(): readonly Ticket[] {
    return this._known.tickets;
  }

  get notices(): readonly Notice[] {
    return this._known.notices;
  }

  get use(): Use | null {
    return this._known.use;
  }

  get budgets(): MyBudgets | null {
    return this._known.budgets;
  }

  get hasAllowance(): boolean {
    return this._options.allowance !== null;
  }

  /** After how many milliseconds to ask for notices again. */
  get pollMs(): number {
    return this._pollMs;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  refresh(): Promise<void> {
    const question: Promise<void> = this._refresh().finally(() => {
      if (this._refreshing === question) {
        this._refreshing = null;
      }
    });
    this._refreshing = question;
    return question;
  }

  /** Ask only for what may change at any time: notices, and requests while there are any or something is told. */
  async check(): Promise<void> {
    if (!this.isAtHub || this._refreshing) {
      // Everything is asked for already.
      await this._refreshing;
      return;
    }
    const turn = ++this._turn;
    const { client } = this._options;
    try {
      const { items, poll_seconds } = await client.notices();
      this._pollMs = poll_seconds * 1000;
      const isNews = JSON.stringify(items) !== JSON.stringify(this._known.notices);
      const mayWait = isNews || this._known.tickets.length > 0;
      const tickets = mayWait
        ? (await client.listTickets({ is_open: true, limit: LIST_LIMIT })).items
        : [];
      const isOver = tickets.length < this._known.tickets.length;
      const hasFailed = isNews && items.some(({ kind }) => kind === 'failure');
      this._settle(turn, { ...this._known, notices: items, tickets });
      if (isOver || hasFailed) {
        // It started, or will not: what the server holds may be something else, and what failed is listed with why.
        await this.refresh();
      }
    } catch (error) {
      this._fail(turn, error);
    }
  }

  async request(request: TicketIn): Promise<Ticket> {
    const ticket = await this._options.client.request(request);
    this._note(ticket);
    await this.refresh();
    return ticket;
  }

  async claim(id: number): Promise<Ticket> {
    const ticket = await this._options.client.claim(id);
    this._note(ticket);
    await this.refresh();
    return ticket;
  }

  async cancel(id: number): Promise<void> {
    await this._options.client.cancel(id);
    await this.refresh();
  }

  async startServer(name: string, options: LaunchOptions | null): Promise<void> {
    await this._options.client.startServer({ server_name: name, options });
    await this.refresh();
  }

  async stopServer(name?: string): Promise<void> {
    const isOwn = name === undefined || name === this._options.serverName;
    try {
      await this._options.client.stopServer({ server_name: isOwn ? null : name });
    } catch (error) {
      // A server that is stopped answers no more: that is what was asked for.
      if (!isOwn || !isUnanswered(error)) {
        throw error;
      }
    }
    if (!isOwn) {
      await this.refresh();
    }
  }

  async dismiss(id: number): Promise<void> {
    try {
      await this._options.client.dismiss(id);
    } catch (error) {
      // It was withdrawn meanwhile.
      if (!(error instanceof NotFound)) {
        throw error;
      }
    }
    await this.check();
  }

  async extend(): Promise<CullState> {
    const state = await this._allowance().extend();
    await this.refresh();
    return state;
  }

  async askForMore(budget: Budget, amount: number, reason: string): Promise<void> {
    await this._allowance().ask({ budget: budget.id, amount, reason });
    await this.refresh();
  }

  /** Know a request at once: if this server makes room for it, it may answer no more. */
  private _note(ticket: Ticket): void {
    const others = this._known.tickets.filter(({ id }) => id !== ticket.id);
    this._known = { ...this._known, tickets: [ticket, ...others] };
    this._changed.emit();
  }

  private async _refresh(): Promise<void> {
    if (!this.isAtHub) {
      this._set({ state: 'ready' });
      return;
    }
    const turn = ++this._turn;
    if (this._state !== 'ready') {
      this._set({ state: 'loading' });
    }
    const { client } = this._options;
    try {
      const [choices, leases, servers, tickets, { items, poll_seconds }, offered] =
        await Promise.all([
          client.launchChoices(),
          client.listLeases({ state: 'open', limit: LIST_LIMIT }),
          client.listServers(),
          client.listTickets({ is_open: true, limit: LIST_LIMIT }),
          client.notices(),
          this._askAllowance()
        ]);
      this._pollMs = poll_seconds * 1000;
      this._settle(turn, {
        choices,
        leases: leases.items,
        servers: servers.items,
        tickets: tickets.items,
        notices: items,
        ...offered
      });
    } catch (error) {
      this._fail(turn, error);
    }
  }

  private _allowance(): IAllowance {
    const { allowance } = this._options;
    if (!allowance) {
      throw toError({
        code: 'not_found',
        message: 'This hub has no budgets and stops no idle server',
        remedy: 'Nothing is to be done.'
      });
    }
    return allowance;
  }

  /** What only some servers offer; a server of an older version has no such routes. */
  private async _askAllowance(): Promise<Pick<IKnown, 'use' | 'budgets'>> {
    const { allowance } = this._options;
    if (!allowance) {
      return { use: null, budgets: null };
    }
    const [use, budgets] = await Promise.all([
      allowance.use().catch(nullIfMissing),
      allowance.budgets().catch(nullIfMissing)
    ]);
    return { use, budgets };
  }

  /** Take an answer, unless another question was asked since. */
  private _settle(turn: number, known: IKnown): void {
    if (turn !== this._turn || this._isDisposed) {
      return;
    }
    const isSame =
      this._state === 'ready' && JSON.stringify(known) === JSON.stringify(this._known);
    this._known = known;
    if (!isSame) {
      this._set({ state: 'ready' });
    }
  }

  private _fail(turn: number, error: unknown): void {
    if (turn === this._turn) {
      this._set({ state: 'failed', error });
    }
  }

  private _set(change: { state: ComputeState; error?: unknown }): void {
    if (!this._isDisposed) {
      this._state = change.state;
      this._error = change.error ?? null;
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _error: unknown = null;
  private _isDisposed = false;
  private _known: IKnown = UNKNOWN;
  private _pollMs = POLL_MS;
  private _refreshing: Promise<void> | null = null;
  private _state: ComputeState = 'idle';
  private _turn = 0;
}

/** Whether it is not this server that answers: nothing does, or the hub or its proxy in its place. */
function isUnanswered(error: unknown): boolean {
  return (
    error instanceof NetworkDown ||
    error instanceof TimedOut ||
    (error instanceof OrreryError &&
      error.code === 'internal_error' &&
      error.requestId === '')
  );
}

function nullIfMissing(error: unknown): null {
  if (error instanceof NotFound) {
    return null;
  }
  throw error;
}
