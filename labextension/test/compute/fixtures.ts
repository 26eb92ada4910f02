/**
 * A server of a hub in memory, for tests.
 */
import type { IAllowance } from '../../src/compute/allowance';
import type { IComputeClient } from '../../src/compute/client';
import { ComputeModel } from '../../src/compute/model';
import type {
  Activity,
  Budget,
  BudgetRequest,
  BudgetRequestIn,
  CullState,
  LaunchChoices,
  LaunchOptions,
  Lease,
  MyBudgets,
  Notice,
  OwnServer,
  ProfileChoice,
  StartIn,
  StopIn,
  Ticket,
  TicketIn,
  Use
} from '../../src/compute/schemas';

export const WHEN = '2026-11-21T00:00:00Z';
export const GIB = 2 ** 30;

/** A moment so many minutes from now. */
export function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString();
}

export function profile(
  slug: string,
  more: Partial<ProfileChoice> = {}
): ProfileChoice {
  return {
    slug,
    name: `Profile ${slug}`,
    description: '',
    pool: 'training',
    pool_name: 'Training',
    device_type: 'A100',
    mig_slice: '',
    devices: 1,
    cpu: 8,
    memory_bytes: 64 * GIB,
    is_spot: false,
    pool_devices: 6,
    used_devices: 4,
    free_devices: 2,
    price_micros: null,
    currency: '',
    budget_left_micros: null,
    cause: '',
    reason: '',
    remedy: '',
    is_held: false,
    may_queue: false,
    wait: null,
    projects: [],
    needs_project: false,
    images: [],
    default_image: '',
    datasets: [],
    may_set_environment: true,
    may_set_startup_script: true,
    ...more
  };
}

/** What a server is started with: a profile, and nothing that was chosen beside it. */
export function options(
  profile: string,
  more: Partial<LaunchOptions> = {}
): LaunchOptions {
  return {
    profile,
    project: '',
    image: '',
    tag: '',
    environment: {},
    startup_script: '',
    datasets: [],
    ...more
  };
}

export function lease(more: Partial<Lease> = {}): Lease {
  return {
    id: 1,
    user: 'ada',
    server: '',
    project: null,
    pool: 'training',
    profile: 'one',
    devices: 1,
    cpu: 8,
    memory_bytes: 64 * GIB,
    is_spot: false,
    device_ids: [],
    state: 'running',
    reserved_at: WHEN,
    reserved_until: null,
    started_at: WHEN,
    seen_at: WHEN,
    ended_at: null,
    end_reason: '',
    ...more
  };
}

export function server(name: string, more: Partial<OwnServer> = {}): OwnServer {
  return {
    name,
    display_name: '',
    is_current: name === '',
    state: 'ready',
    started: WHEN,
    last_activity: WHEN,
    url: `/user/ada/${name}`,
    ...more
  };
}

export function ticket(id: number, more: Partial<Ticket> = {}): Ticket {
  return {
    id,
    person: 'ada',
    server_name: '',
    project: null,
    pool: 'training',
    pool_name: 'Training',
    profile: 'two',
    devices: 2,
    state: 'waiting',
    priority: 'normal',
    auto_claim: false,
    is_move: true,
    run_now: false,
    place: 3,
    wait: { low_seconds: 300, high_seconds: 1_200 },
    cause: {
      kind: 'capacity',
      text: 'All devices are in use.',
      remedy: 'Wait, or choose another pool.',
      values: {}
    },
    created: WHEN,
    offered: null,
    claim_until: null,
    ended: null,
    missed_offers: 0,
    ...more
  };
}

export function offer(id: number, more: Partial<Ticket> = {}): Ticket {
  const until = inMinutes(10);
  const standing = { place: null, wait: null, cause: null, claim_until: until };
  return ticket(id, { state: 'offered', ...standing, ...more });
}

export function notice(id: number, more: Partial<Notice> = {}): Notice {
  return {
    id,
    kind: 'claim',
    level: 'warning',
    message: 'A device of Training is yours: claim it.',
    reason: '',
    remedy: 'Claim it, or cancel the request.',
    server: null,
    subject: '7',
    action: 'claim',
    created: WHEN,
    deadline: inMinutes(10),
    ...more
  };
}

export function budget(more: Partial<Budget> = {}): Budget {
  return {
    id: 4,
    subject: 'person',
    person: 'ada',
    project: '',
    resource: 'device',
    period: 'month',
    limit: 6_000,
    granted: 0,
    used: 5_250,
    percent: 87,
    is_exhausted: false,
    minutes_left: 750,
    starts: WHEN,
    ends: null,
    ...more
  };
}

/** A hub with one server of the person `ada`; `error` makes it fail. */
export class MemoryClient implements IComputeClient {
  choices: LaunchChoices = {
    is_required: true,
    profiles: [
      profile('one'),
      profile('two', { devices: 2, cause: 'no_device', may_queue: true })
    ],
    images: [],
    last: null,
    requests: [],
    failures: []
  };
  leases: Lease[] = [lease()];
  servers: OwnServer[] = [server(''), server('gpu')];
  tickets: Ticket[] = [];
  told: Notice[] = [];
  error: Error | null = null;
  asked: string[] = [];
  requests: TicketIn[] = [];

  launchChoices(): Promise<LaunchChoices> {
    return this._answer('launchChoices', () => this.choices);
  }

  listLeases(): ReturnType<IComputeClient['listLeases']> {
    return this._answer('listLeases', () => pageOf(this.leases));
  }

  listServers(): ReturnType<IComputeClient['listServers']> {
    return this._answer('listServers', () => ({ items: [...this.servers] }));
  }

  listTickets(): ReturnType<IComputeClient['listTickets']> {
    return this._answer('listTickets', () => pageOf(this.tickets));
  }

  notices(): ReturnType<IComputeClient['notices']> {
    return this._answer('notices', () => ({ items: [...this.told], poll_seconds: 7 }));
  }

  request(request: TicketIn): Promise<Ticket> {
    return this._answer('request', () => {
      this.requests.push(request);
      const created = ticket(20 + this.requests.length);
      this.tickets.push(created);
      return created;
    });
  }

  claim(id: number): Promise<Ticket> {
    return this._answer(`claim ${id}`, () => this._end(id));
  }

  cancel(id: number): Promise<void> {
    return this._answer(`cancel ${id}`, () => void this._end(id));
  }

  dismiss(id: number): Promise<void> {
    return this._answer(`dismiss ${id}`, () => {
      this.told = this.told.filter(other => other.id !== id);
    });
  }

  startServer({ server_name: name }: StartIn): Promise<void> {
    return this._answer(`start ${name}`, () => {
      this.servers.push(server(name!));
    });
  }

  stopServer({ server_name: name }: StopIn): Promise<void> {
    return this._answer(`stop ${JSON.stringify(name)}`, () => {
      this.servers = this.servers.filter(other => other.name !== name);
    });
  }

  private _end(id: number): Ticket {
    const ended = this.tickets.find(other => other.id === id)!;
    this.tickets = this.tickets.filter(other => other.id !== id);
    return ended;
  }

  private _answer<T>(name: string, answer: () => T): Promise<T> {
    this.asked.push(name);
    return this.error ? Promise.reject(this.error) : Promise.resolve(answer());
  }
}

/** Budgets and limits for idle servers. */
export class MemoryAllowance implements IAllowance {
  budgetsNow: Budget[] = [budget()];
  cullAt: string | null = inMinutes(12);
  error: Error | null = null;
  amounts: number[] = [];
  extensions = 2;

  use(): Promise<Use> {
    return this.error
      ? Promise.reject(this.error)
      : Promise.resolve({ server: '', activity: ACTIVITY, culling: this._culling() });
  }

  extend(): Promise<CullState> {
    this.extensions -= 1;
    this.cullAt = null;
    return Promise.resolve(this._culling());
  }

  budgets(): Promise<MyBudgets> {
    const budgets = [...this.budgetsNow];
    return Promise.resolve({ currency: 'EUR', budgets, servers: [] });
  }

  ask({ amount, budget: id }: BudgetRequestIn): Promise<BudgetRequest> {
    this.amounts.push(amount);
    return Promise.resolve({
      id: 1,
      budget: id,
      subject: 'person',
      project: '',
      resource: 'device',
      person: 'ada',
      amount,
      until: null,
      reason: '',
      state: 'open',
      created: WHEN,
      decided: null,
      decided_by: '',
      answer: ''
    });
  }

  private _culling(): CullState {
    return {
      is_limited: true,
      state: this.cullAt ? 'idle' : 'in_use',
      idle_since: null,
      idle_minutes: 60,
      cull_at: this.cullAt,
      is_warned: this.cullAt !== null,
      extensions_left: this.extensions,
      extension_minutes: 60,
      report_seconds: 60
    };
  }
}

const ACTIVITY: Activity = {
  busy_kernels: 0,
  idle_seconds: null,
  cpu_millis: 1500,
  memory_mib: 2048,
  device_permille: 840,
  device_note: ''
};

/** The model of the default server of a hub. */
export function modelOf(
  client: IComputeClient,
  allowance: IAllowance | null = null,
  isAtHub = true
): ComputeModel {
  return new ComputeModel({ client, allowance, isAtHub, serverName: '' });
}

function pageOf<T>(items: T[]): {
  items: T[];
  total: number;
  offset: number;
  limit: number;
} {
  return { items: [...items], total: items.length, offset: 0, limit: 200 };
}
