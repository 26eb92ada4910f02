/**
 * Words and numbers with units for devices, waits and budgets.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Budget, LastFailure, Notice, Ticket, TicketState, Use } from './schemas';
import type { ICompute } from './tokens';

const GIB = 2 ** 30;
const MINUTE_S = 60;
const HOUR_MIN = 60;
const MINUTE_MS = 60_000;
const MICROS = 1_000_000;

/** What a server has: devices, processors and memory. */
export interface IResources {
  readonly devices: number;
  readonly cpu: number;
  readonly memory_bytes: number;
}

/** The name of a server as the person knows it. */
export function serverName(name: string, trans: TranslationBundle): string {
  return name || trans.__('Default server');
}

/** Devices, processors and memory as single facts; what is not counted is left out. */
export function resourceFacts(
  { devices, cpu, memory_bytes: memory }: IResources,
  trans: TranslationBundle
): string[] {
  const facts = [];
  if (devices > 0) {
    facts.push(trans._n('%1 device', '%1 devices', devices));
  }
  if (cpu > 0) {
    facts.push(trans._n('%2 CPU', '%2 CPUs', Math.ceil(cpu), round(cpu)));
  }
  if (memory > 0) {
    facts.push(trans.__('%1 GiB memory', round(memory / GIB)));
  }
  return facts;
}

/** A length of time in minutes or hours, rounded up. */
export function durationText(seconds: number, trans: TranslationBundle): string {
  const minutes = Math.max(1, Math.ceil(seconds / MINUTE_S));
  return minutes < 2 * HOUR_MIN
    ? trans.__('%1 min', minutes)
    : trans.__('%1 h', round(minutes / HOUR_MIN));
}

/** How long something will take, as a range. */
export function rangeText(low: number, high: number, trans: TranslationBundle): string {
  const [from, to] = [durationText(low, trans), durationText(high, trans)];
  return from === to ? trans.__('about %1', to) : trans.__('%1 to %2', from, to);
}

/** The state of a request in a word. */
export function stateName(state: TicketState, trans: TranslationBundle): string {
  const names: Record<TicketState, string> = {
    waiting: trans.__('Waiting'),
    offered: trans.__('Offered'),
    claimed: trans.__('Starting'),
    started: trans.__('Started'),
    cancelled: trans.__('Cancelled'),
    expired: trans.__('Expired'),
    failed: trans.__('Failed')
  };
  return names[state];
}

/** What a request is for, such as "1 device of Training". */
export function ticketTitle(ticket: Ticket, trans: TranslationBundle): string {
  const { devices, pool_name: pool } = ticket;
  return devices > 0
    ? trans._n('%1 device of %2', '%1 devices of %2', devices, pool)
    : trans.__('Room in %1', pool);
}

/** Where a request stands: its place and the expected wait, or until when an offer can be claimed. */
export function ticketStanding(ticket: Ticket, trans: TranslationBundle): string {
  const { claim_until: until, place, state, wait } = ticket;
  if (state === 'offered') {
    return until ? trans.__('Claim it until %1', clockTime(until)) : '';
  }
  if (state !== 'waiting' || place === null) {
    return '';
  }
  return wait
    ? trans.__(
        'Place %1, expected in %2',
        place,
        rangeText(wait.low_seconds, wait.high_seconds, trans)
      )
    : trans.__('Place %1', place);
}

/** A moment of today by the clock, another with its day. */
export function clockTime(when: string): string {
  const moment = new Date(when);
  const isToday = moment.toDateString() === new Date().toDateString();
  return moment.toLocaleString(undefined, {
    dateStyle: isToday ? undefined : 'short',
    timeStyle: 'short'
  });
}

/** By when, or when, what a notice announces happens. */
export function deadlineText(
  { action }: Notice,
  deadline: string,
  trans: TranslationBundle
): string {
  const time = clockTime(deadline);
  return action === 'claim' ? trans.__('Until %1', time) : trans.__('At %1', time);
}

/** In how many minutes the hub is under maintenance; null while nobody announces it. */
export function minutesToMaintenance(notices: readonly Notice[]): number | null {
  const next = notices.find(({ kind, deadline }) => kind === 'maintenance' && deadline);
  return next?.deadline ? minutesUntil(next.deadline) : null;
}

/** In how many minutes this server is stopped if it stays idle; null while nobody says so. */
export function minutesToCull(use: Use | null): number | null {
  const when = use?.culling.cull_at;
  return when ? minutesUntil(when) : null;
}

/** Minutes from now, rounded up. */
function minutesUntil(when: string): number {
  return Math.max(0, Math.ceil((Date.parse(when) - Date.now()) / MINUTE_MS));
}

/** How this server ended by itself before it was started again; null if it did not. */
export function lastEnd(compute: ICompute): LastFailure | null {
  const { choices, current } = compute;
  const own = choices?.failures.find(({ server }) => server === current?.name);
  return own && !own.is_start ? own : null;
}

/** The other servers that failed and do not run, newest first. */
export function failedServers(compute: ICompute): readonly LastFailure[] {
  const { choices, current, others } = compute;
  const running = new Set([current?.name, ...others.map(({ name }) => name)]);
  return current && choices
    ? choices.failures.filter(({ server }) => !running.has(server))
    : [];
}

/** The unit that a person reads and types amounts of a budget in, as so many of the budget's own. */
export function unitOf(
  budget: Budget,
  currency: string,
  trans: TranslationBundle
): { name: string; size: number } {
  const units: Record<Budget['resource'], { name: string; size: number }> = {
    device: { name: trans.__('device hours'), size: HOUR_MIN },
    cpu: { name: trans.__('CPU hours'), size: HOUR_MIN },
    memory: { name: trans.__('GiB hours'), size: HOUR_MIN },
    money: { name: currency, size: MICROS }
  };
  return units[budget.resource];
}

/** What is left of a budget, such as "12.5 of 100 device hours". */
export function budgetText(
  budget: Budget,
  currency: string,
  trans: TranslationBundle
): string {
  const { name, size } = unitOf(budget, currency, trans);
  const limit = budget.limit + budget.granted;
  const left = Math.max(0, limit - budget.used);
  return trans.__('%1 of %2 %3 left', round(left / size), round(limit / size), name);
}

/** The budget that is used up first; null where there is none. */
export function tightestBudget(compute: ICompute): Budget | null {
  const budgets = [...(compute.budgets?.budgets ?? [])];
  return budgets.sort((a, b) => b.percent - a.percent)[0] ?? null;
}

/** A text with an end. */
export function asSentence(text: string): string {
  return /[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`;
}

/** One decimal, and none where it is zero. */
function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
