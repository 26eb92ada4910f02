/**
 * The status bar's item: the pool of this server, what it uses, what is left, and what the person waits for.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { useSignal } from '../base/hooks';
import { computeIcon } from './icons';
import { minutesToCull, minutesToMaintenance, tightestBudget } from './texts';
import type { ICompute } from './tokens';

const MIB_PER_GIB = 1024;
// What is further away is no news; the tab of the server has it.
const SOON_MIN = 60;
const LOW_PERCENT = 80;

export interface IComputeStatusOptions {
  compute: ICompute;
  trans: TranslationBundle;
  /** Whether the person wants to see what is used and left. */
  isDetailed: () => boolean;
  onClick: () => void;
}

/** One quiet button that opens the tab of the server; nothing where there is nothing to say. */
export class ComputeStatus extends ReactWidget {
  constructor(private readonly _props: IComputeStatusOptions) {
    super();
    this.addClass('orrery-compute-status');
    this.addClass('jp-mod-highlighted');
  }

  protected override render(): JSX.Element {
    return <StatusButton {...this._props} />;
  }
}

function StatusButton(props: IComputeStatusOptions): JSX.Element | null {
  const { compute, isDetailed, onClick, trans } = props;
  useSignal(compute.changed);
  const facts = statusFacts(compute, trans, isDetailed());
  if (facts.length === 0) {
    return null;
  }
  const text = facts.join(' · ');
  return (
    <button
      className="orrery-compute-status-button"
      data-state={isUrgent(compute) ? 'urgent' : undefined}
      onClick={onClick}
      title={trans.__('%1 (open My Server)', text)}
      type="button"
    >
      <computeIcon.react tag="span" className="orrery-compute-status-icon" />
      <span className="orrery-compute-status-text">{text}</span>
    </button>
  );
}

/** What the item says, each only where it is known. */
export function statusFacts(
  compute: ICompute,
  trans: TranslationBundle,
  isDetailed: boolean
): string[] {
  const facts = [];
  const { lease, tickets, use } = compute;
  if (lease?.pool) {
    facts.push(poolName(compute));
  }
  const offered = tickets.find(({ state }) => state === 'offered');
  const waiting = tickets.find(({ state, place }) => state === 'waiting' && place);
  if (offered) {
    facts.push(trans.__('claim %1', offered.pool_name));
  } else if (waiting) {
    facts.push(trans.__('place %1 for %2', waiting.place, waiting.pool_name));
  }
  if (use && isDetailed) {
    facts.push(...useFacts(compute, trans));
  }
  const budget = tightestBudget(compute);
  if (budget && (isDetailed || budget.percent >= LOW_PERCENT)) {
    const left = Math.max(0, 100 - budget.percent);
    facts.push(trans.__('%1 % of budget left', left));
  }
  const minutes = minutesToCull(use);
  if (minutes !== null && minutes <= SOON_MIN) {
    facts.push(trans.__('stops in %1 min', minutes));
  }
  const maintenance = minutesToMaintenance(compute.notices);
  if (maintenance !== null && maintenance <= SOON_MIN) {
    facts.push(trans.__('maintenance in %1 min', maintenance));
  }
  return facts;
}

function useFacts({ use }: ICompute, trans: TranslationBundle): string[] {
  const { device_permille: device, memory_mib: memory } = use!.activity;
  const gib = (memory / MIB_PER_GIB).toFixed(1);
  const facts = [trans.__('%1 GiB', gib)];
  return device === null
    ? facts
    : [trans.__('device %1 %', Math.round(device / 10)), ...facts];
}

/** The pool of this server as the person knows it. */
function poolName({ choices, lease }: ICompute): string {
  const pool = lease?.pool ?? '';
  const known = choices?.profiles.find(profile => profile.pool === pool);
  return known?.pool_name ?? pool;
}

/** Whether something is lost if the person does nothing. */
function isUrgent({ notices }: ICompute): boolean {
  return notices.some(({ action, level }) => action !== '' && level !== 'info');
}
