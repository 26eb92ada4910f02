/**
 * Dialogs that set, change and remove a budget.
 */
import React, { useState } from 'react';

import { useAdmin } from '../../context';
import { Select, TextField } from '../../controls';
import { Dialog } from '../../dialog';
import type { Budget, Period, Resource, Subject } from '../../schemas';

import {
  amountInput,
  ownerOf,
  parseAmount,
  PERIODS,
  RESOURCES,
  SUBJECTS
} from './words';

const choices = <T extends string>(names: Record<T, string>) =>
  Object.entries(names) as [T, string][];

/** What a limit is counted in. */
export function unitOf(resource: Resource, currency: string): string {
  return {
    money: currency,
    memory: 'GiB hours',
    cpu: 'CPU hours',
    device: 'device hours'
  }[resource];
}

/** A budget as it is being written. */
interface IDraft {
  readonly subject: Subject;
  readonly name: string;
  readonly resource: Resource;
  readonly period: Period;
  readonly text: string;
}

const NEW_DRAFT: IDraft = {
  subject: 'project',
  name: '',
  resource: 'device',
  period: 'month',
  text: ''
};

export function CreateBudget(props: {
  currency: string;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { api, toasts } = useAdmin();
  const [draft, setDraft] = useState(NEW_DRAFT);
  const { subject, resource, period } = draft;
  const name = draft.name.trim();
  const limit = parseAmount(resource, draft.text);
  const create = async () => {
    const owner = subject === 'everyone' ? {} : { [subject]: name };
    const body = { subject, resource, period, limit, ...owner };
    await api.call<Budget>('budgets', { method: 'POST', body });
    toasts.info('Budget created.');
    props.onDone();
  };
  return (
    <Dialog
      title="New Budget"
      accept="Create"
      isReady={limit !== undefined && (subject === 'everyone' || name !== '')}
      onAccept={create}
      onClose={props.onClose}
    >
      <BudgetFields
        draft={draft}
        currency={props.currency}
        onChange={change => setDraft(known => ({ ...known, ...change }))}
      />
      <p className="orrery-quiet">
        Servers that run on it are warned at 80 and 95 %, and stopped when it is used
        up.
      </p>
    </Dialog>
  );
}

function BudgetFields(props: {
  draft: IDraft;
  currency: string;
  onChange: (change: Partial<IDraft>) => void;
}): JSX.Element {
  const { draft, onChange } = props;
  return (
    <>
      <Select
        label="For"
        value={draft.subject}
        options={choices(SUBJECTS)}
        onChange={subject => onChange({ subject })}
      />
      {draft.subject !== 'everyone' && (
        <TextField
          label={draft.subject === 'person' ? 'User name' : 'Short name of the project'}
          value={draft.name}
          required
          onChange={name => onChange({ name })}
        />
      )}
      <Select
        label="Resource"
        value={draft.resource}
        options={choices(RESOURCES)}
        onChange={resource => onChange({ resource })}
      />
      <Select
        label="Period"
        value={draft.period}
        options={PERIOD_CHOICES}
        onChange={period => onChange({ period })}
      />
      <TextField
        label={`Limit in ${unitOf(draft.resource, props.currency)}`}
        value={draft.text}
        required
        onChange={text => onChange({ text })}
      />
    </>
  );
}

const PERIOD_CHOICES: readonly (readonly [Period, string])[] = [
  ['month', 'Month'],
  ['quarter', 'Quarter'],
  ['year', 'Year'],
  ['total', 'Once, in all']
];

export function ChangeLimit(props: {
  budget: Budget;
  onDone: (budget: Budget) => void;
  onClose: () => void;
}): JSX.Element {
  const { budget } = props;
  const { api, toasts } = useAdmin();
  const [text, setText] = useState(amountInput(budget.resource, budget.limit));
  const limit = parseAmount(budget.resource, text);
  const isOver = limit !== undefined && limit + budget.granted <= budget.used;
  const change = async () => {
    const path = `budgets/${budget.id}`;
    props.onDone(await api.call<Budget>(path, { method: 'PATCH', body: { limit } }));
    toasts.info('Limit changed.');
  };
  return (
    <Dialog
      title={`Limit of ${ownerOf(budget)}`}
      accept="Change"
      isReady={limit !== undefined}
      isDangerous={isOver}
      onAccept={change}
      onClose={props.onClose}
    >
      <TextField
        label={`${RESOURCES[budget.resource]} ${PERIODS[budget.period]}`}
        value={text}
        required
        onChange={setText}
      />
      {isOver && (
        <p role="status">More is used already: servers that draw on it are stopped.</p>
      )}
    </Dialog>
  );
}

export function DeleteBudget(props: {
  budget: Budget;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { budget } = props;
  const { api, toasts } = useAdmin();
  const remove = async () => {
    await api.call(`budgets/${budget.id}`, { method: 'DELETE' });
    toasts.info('Budget removed.');
    props.onDone();
  };
  return (
    <Dialog
      title={`Remove the budget of ${ownerOf(budget)}`}
      accept="Remove"
      isDangerous
      onAccept={remove}
      onClose={props.onClose}
    >
      <p>
        It limits nothing any more, and its requests go with it. What was used stays in
        the costs.
      </p>
    </Dialog>
  );
}
