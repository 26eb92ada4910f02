/**
 * One budget: its numbers, who asked for more of it, and changing or removing it.
 */
import React, { useState } from 'react';

import type { Page } from '../../../src/base/schemas';

import { Badge, Button, Failure } from '../../controls';
import { Moment } from '../../format';
import { Facts, type IList } from '../../listview';
import { usePoll } from '../../poll';
import type { Budget, BudgetRequest } from '../../schemas';

import { ChangeLimit, DeleteBudget } from './dialogs';
import {
  amountText,
  forecast,
  ownerOf,
  PERIODS,
  RESOURCES,
  STATES,
  SUBJECTS
} from './words';

export function BudgetDetails(props: {
  budget: Budget;
  list: IList<Budget>;
  currency: string;
  isAdmin: boolean;
}): JSX.Element {
  const { budget, list, currency, isAdmin } = props;
  const [dialog, setDialog] = useState<'change' | 'delete'>();
  const text = (amount: number) => amountText(budget.resource, amount, currency);
  const close = () => setDialog(undefined);
  return (
    <>
      <h2>{ownerOf(budget)}</h2>
      <Facts
        facts={[
          ['For', SUBJECTS[budget.subject]],
          ['Resource', `${RESOURCES[budget.resource]} ${PERIODS[budget.period]}`],
          ['Limit', text(budget.limit)],
          ['Granted', text(budget.granted)],
          ['Used', `${text(budget.used)} (${budget.percent} %)`],
          ['Exhausted', forecast(budget)],
          ['Period began', <Moment key="starts" when={budget.starts} />],
          ['Next period', <Moment key="ends" when={budget.ends} />]
        ]}
      />
      {budget.subject === 'everyone' && (
        <p className="orrery-quiet">The numbers are those of who has used most.</p>
      )}
      {isAdmin && (
        <div className="orrery-admin-actions">
          <Button onClick={() => setDialog('change')}>Change Limit…</Button>
          <Button look="error" onClick={() => setDialog('delete')}>
            Remove…
          </Button>
        </div>
      )}
      <Requests budget={budget} text={text} />
      {dialog === 'change' && (
        <ChangeLimit budget={budget} onDone={list.replace} onClose={close} />
      )}
      {dialog === 'delete' && (
        <DeleteBudget budget={budget} onDone={list.refresh} onClose={close} />
      )}
    </>
  );
}

function Requests(props: {
  budget: Budget;
  text: (amount: number) => string;
}): JSX.Element {
  const requests = usePoll<Page<BudgetRequest>>(
    `budgets/requests?budget=${props.budget.id}&limit=50`
  );
  return (
    <>
      <h3>Requests for more</h3>
      {requests.error && <Failure error={requests.error} onRetry={requests.refresh} />}
      {requests.value?.total === 0 && (
        <p className="orrery-quiet">Nobody has asked for more.</p>
      )}
      <ul className="orrery-admin-list">
        {requests.value?.items.map(request => (
          <li key={request.id}>
            {request.person}: {props.text(request.amount)}{' '}
            <Badge>{STATES[request.state]}</Badge>{' '}
            <span className="orrery-quiet">
              <Moment when={request.decided ?? request.created} />
              {request.decided_by && ` by ${request.decided_by}`}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
