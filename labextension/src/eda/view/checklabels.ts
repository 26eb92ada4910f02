/**
 * Checks in words.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Check } from '../schemas';
import { share, shown, whole, type Value } from './format';
import type { ILabels } from './labels';

const MOST_VALUES = 8;

/** What a check requires, without the name of its column. */
export function checkLabel(
  check: Check,
  labels: ILabels,
  trans: TranslationBundle
): string {
  const condition = conditionOf(check, labels, trans);
  return check.allowed > 0
    ? trans.__(
        '%1 (up to %2 of the rows may break it)',
        condition,
        share(check.allowed)
      )
    : condition;
}

/** What a check is told apart by: checks have no ids. */
export function keyOf(check: Check): string {
  return JSON.stringify([
    check.code,
    check.column,
    check.type,
    check.minimum,
    check.maximum,
    check.pattern
  ]);
}

function conditionOf(check: Check, labels: ILabels, trans: TranslationBundle): string {
  const kind = labels.checks[check.code];
  switch (check.code) {
    case 'type':
      return check.type ? trans.__('%1 %2', kind, labels.types[check.type]) : kind;
    case 'between':
    case 'length_between':
    case 'row_count_between':
      return bounds(kind, check.minimum, check.maximum, trans);
    case 'in_set': {
      const first = check.values.slice(0, MOST_VALUES).map(value => shown(value));
      const rest = check.values.length - first.length;
      return `${kind} ${first.join(', ')}${rest > 0 ? ` … (+${whole(rest)})` : ''}`;
    }
    case 'matches':
      return trans.__('%1 %2', kind, check.pattern);
    default:
      return kind;
  }
}

function bounds(
  kind: string,
  minimum: Value,
  maximum: Value,
  trans: TranslationBundle
): string {
  if (minimum === null) {
    return trans.__('%1: at most %2', kind, shown(maximum));
  }
  if (maximum === null) {
    return trans.__('%1: at least %2', kind, shown(minimum));
  }
  return trans.__('%1 %2 and %3', kind, shown(minimum), shown(maximum));
}
