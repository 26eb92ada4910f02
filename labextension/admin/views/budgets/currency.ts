/**
 * In which currency the service counts money.
 */
import { usePoll } from '../../poll';
import type { MyBudgets } from '../../schemas';

/** Three letters; empty until the service has said them. */
export function useCurrency(): string {
  return usePoll<MyBudgets>('budgets/mine').value?.currency ?? '';
}
