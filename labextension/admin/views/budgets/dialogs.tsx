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
  return resource === 'money' ? currency : 'hours';
}

export function CreateBudget(props: {
  currency: string;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { api, toasts } = useAdmin();
  const [subject, setSubject] = useState<Subject>('project');
  const [name, setName] = useState('');
  const [resource, setResource] = useState<Resource>('device');
  const [period, setPeriod] = useState<Period>('month');
  const [text, setText] = useState('');
  const limit = parseAmount(resource, text);
  const create = async () => {
    const owner = subject === 'everyone' ? {} : { [subject]: name.trim() };
    const body = { subject, resource, period, limit, ...owner };
    await api.call<Budget>('budgets', { method: 'POST', body });
    toasts.info('The budget is set.');
    props.onDone();
  };
  return (
    <Dialog
      title="New budget"
      accept="Set"
      isReady={limit !== undefined && (subject === 'everyone' || name.trim() !== '')}
      onAccept={create}
      onClose={props.onClose}
    >
      <Select
        label="For"
        value={subject}
        options={choices(SUBJECTS)}
        onChange={setSubject}
      />
      {subject !== 'everyone' && (
        <TextField
          label={subject === 'person' ? 'User name' : 'Short name of the project'}
          value={name}
          required
          onChange={setName}
        />
      )}
      <Select
        label="Of"
        value={resource}
        options={choices(RESOURCES)}
        onChange={setResource}
      />
      <Select
        label="For each"
        value={period}
        options={PERIOD_CHOICES}
        onChange={setPeriod}
      />
      <TextField
        label={`Limit in ${unitOf(resource, props.currency)}`}
        value={text}
        required
        onChange={setText}
      />
      <p className="orrery-quiet">
        Servers that run on it are warned at 80 and 95 %, and stopped when it is used
        up.
      </p>
    </Dialog>
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
    toasts.info('The limit is changed.');
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
    toasts.info('The budget is removed.');
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
