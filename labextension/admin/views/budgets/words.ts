/**
 * Names of what budgets count, and their amounts as a person writes and reads them: hours, and money.
 */
import type { Budget, BudgetRequest, Period, Resource, Subject } from '../../schemas';

/** Amounts of the service are minutes; of money, millionths. */
const MINUTES_PER_HOUR = 60;
const MICROS = 1_000_000;
const MOST = 1e15;

export const RESOURCES: Record<Resource, string> = {
  device: 'Device hours',
  cpu: 'CPU hours',
  memory: 'GiB hours of memory',
  money: 'Money'
};
export const PERIODS: Record<Period, string> = {
  month: 'a month',
  quarter: 'a quarter',
  year: 'a year',
  total: 'in all'
};
export const SUBJECTS: Record<Subject, string> = {
  project: 'A project',
  person: 'A person',
  everyone: 'Everyone, each on their own'
};
export const STATES: Record<BudgetRequest['state'], string> = {
  open: 'Open',
  approved: 'Approved',
  refused: 'Refused',
  withdrawn: 'Withdrawn'
};

const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** A price or a cost, from millionths. */
export function moneyText(micros: number, currency: string): string {
  return `${NUMBER.format(micros / MICROS)} ${currency}`;
}

/** An amount with its unit: "12.5 h", "3 GiB h", "30 EUR". */
export function amountText(
  resource: Resource,
  amount: number,
  currency: string
): string {
  return resource === 'money'
    ? moneyText(amount, currency)
    : `${NUMBER.format(amount / MINUTES_PER_HOUR)} ${resource === 'memory' ? 'GiB h' : 'h'}`;
}

/** The amount of the service for a number that a person wrote; undefined if it is none. */
export function parseAmount(resource: Resource, text: string): number | undefined {
  const number = Number(text.trim().replace(',', '.'));
  if (!text.trim() || !Number.isFinite(number) || number < 0) {
    return undefined;
  }
  const amount = Math.round(
    number * (resource === 'money' ? MICROS : MINUTES_PER_HOUR)
  );
  return amount <= MOST ? amount : undefined;
}

/** The number that a person would write for an amount. */
export function amountInput(resource: Resource, amount: number): string {
  return String(amount / (resource === 'money' ? MICROS : MINUTES_PER_HOUR));
}

/** Whose budget it is. */
export function ownerOf(
  budget: Pick<Budget, 'subject' | 'person' | 'project'>
): string {
  const { subject, person, project } = budget;
  return subject === 'everyone' ? 'Everyone' : person || project || 'Removed';
}

/** When it is used up: "in 3 h" if nothing starts or stops. */
export function forecast(
  budget: Pick<Budget, 'is_exhausted' | 'minutes_left'>
): string {
  const { is_exhausted: isExhausted, minutes_left: left } = budget;
  if (isExhausted) {
    return 'Used up';
  }
  if (left === null) {
    return 'Nothing runs';
  }
  return left < 2 * MINUTES_PER_HOUR
    ? `in ${left} min`
    : `in ${NUMBER.format(Math.round(left / MINUTES_PER_HOUR))} h`;
}
