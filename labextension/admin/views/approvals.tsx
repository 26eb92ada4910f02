/**
 * Requests for more of a budget: approving them, for how much and until when, or refusing them with a reason.
 */
import React, { useState } from 'react';

import { useAdmin } from '../context';
import { Badge, Button, LongTextField, TextField } from '../controls';
import { Dialog } from '../dialog';
import { Moment } from '../format';
import { Facts, ListView, type IList, type IListViewProps } from '../listview';
import type { BudgetRequest } from '../schemas';

import { useCurrency } from './budgets/currency';
import { DayField } from './budgets/dayfield';
import {
  amountInput,
  amountText,
  parseAmount,
  RESOURCES,
  STATES
} from './budgets/words';

const LEVELS: Record<BudgetRequest['state'], 'good' | 'warning' | 'bad' | 'plain'> = {
  open: 'warning',
  approved: 'good',
  refused: 'bad',
  withdrawn: 'plain'
};

function columnsIn(currency: string): IListViewProps<BudgetRequest>['columns'] {
  return [
    {
      id: 'person',
      title: 'Person',
      width: 'minmax(120px, 1fr)',
      cell: request => request.person
    },
    {
      id: 'of',
      title: 'Resource',
      width: 'minmax(160px, 1.5fr)',
      cell: request => `${RESOURCES[request.resource]} of ${budgetOf(request)}`
    },
    {
      id: 'amount',
      title: 'Amount',
      width: 'minmax(100px, 1fr)',
      cell: request => amountText(request.resource, request.amount, currency)
    },
    {
      id: 'created',
      title: 'Requested',
      width: 'minmax(100px, 1fr)',
      cell: request => <Moment when={request.created} />
    },
    {
      id: 'state',
      title: 'State',
      width: '110px',
      cell: request => <State request={request} />
    }
  ];
}

function State({ request }: { request: BudgetRequest }): JSX.Element {
  return <Badge level={LEVELS[request.state]}>{STATES[request.state]}</Badge>;
}

/** Whose budget it is about. */
function budgetOf(request: BudgetRequest): string {
  switch (request.subject) {
    case 'project':
      return request.project || 'a removed project';
    case 'person':
      return request.person; // nobody else asks for more of it
    default:
      return 'each person';
  }
}

export function ApprovalsView(): JSX.Element {
  const currency = useCurrency();
  const { isAdmin } = useAdmin().api.facts;
  return (
    <ListView<BudgetRequest>
      title="Approvals"
      noun={['request', 'requests']}
      path="budgets/requests"
      search=""
      sort=""
      seconds={15}
      filters={[
        {
          name: 'state',
          label: 'State',
          initial: 'open',
          options: [...Object.entries(STATES), ['', 'All']]
        }
      ]}
      columns={columnsIn(currency)}
      idOf={request => String(request.id)}
      empty="No request. Who runs out of a budget can ask for more in the lab."
      details={(request, list) => (
        <Details
          key={request.id}
          request={request}
          list={list}
          currency={currency}
          isAdmin={isAdmin}
        />
      )}
    />
  );
}

function Details(props: {
  request: BudgetRequest;
  list: IList<BudgetRequest>;
  currency: string;
  isAdmin: boolean;
}): JSX.Element {
  const { request, list } = props;
  const [dialog, setDialog] = useState<'approve' | 'refuse'>();
  const close = () => setDialog(undefined);
  return (
    <>
      <h2>{request.person}</h2>
      <Facts
        facts={[
          ['State', <State key="state" request={request} />],
          ['Resource', `${RESOURCES[request.resource]} of ${budgetOf(request)}`],
          ['More', amountText(request.resource, request.amount, props.currency)],
          [
            'Until',
            request.until ? (
              <Moment key="until" when={request.until} />
            ) : (
              'The period ends'
            )
          ],
          ['Why', request.reason || '–'],
          ['Asked', <Moment key="created" when={request.created} />],
          ['Decided', <Moment key="decided" when={request.decided} />],
          ['By', request.decided_by || '–'],
          ['Answer', request.answer || '–']
        ]}
      />
      {props.isAdmin && request.state === 'open' && (
        <div className="orrery-admin-actions">
          <Button look="accent" onClick={() => setDialog('approve')}>
            Approve…
          </Button>
          <Button look="error" onClick={() => setDialog('refuse')}>
            Refuse…
          </Button>
        </div>
      )}
      {dialog === 'approve' && (
        <Approve {...props} onDone={list.replace} onClose={close} />
      )}
      {dialog === 'refuse' && (
        <Refuse request={request} onDone={list.replace} onClose={close} />
      )}
    </>
  );
}

interface IDecision {
  readonly request: BudgetRequest;
  readonly onDone: (request: BudgetRequest) => void;
  readonly onClose: () => void;
}

function Approve(props: IDecision & { currency: string }): JSX.Element {
  const { request } = props;
  const { api, toasts } = useAdmin();
  const [text, setText] = useState(amountInput(request.resource, request.amount));
  const [until, setUntil] = useState(request.until);
  const [answer, setAnswer] = useState('');
  const amount = parseAmount(request.resource, text);
  const approve = async () => {
    const body = { amount, until, answer };
    const path = `budgets/requests/${request.id}/approve`;
    props.onDone(await api.call<BudgetRequest>(path, { method: 'POST', body }));
    toasts.info(`${request.person} may use more.`);
  };
  const unit = request.resource === 'money' ? props.currency : 'hours';
  return (
    <Dialog
      title={`Approve what ${request.person} asks for`}
      accept="Approve"
      isReady={amount !== undefined}
      onAccept={approve}
      onClose={props.onClose}
    >
      <TextField label={`More, in ${unit}`} value={text} required onChange={setText} />
      <DayField
        label="Until the end of (empty: of the period)"
        value={until}
        onChange={setUntil}
      />
      <LongTextField label="Answer" value={answer} onChange={setAnswer} />
    </Dialog>
  );
}

function Refuse(props: IDecision): JSX.Element {
  const { request } = props;
  const { api, toasts } = useAdmin();
  const [answer, setAnswer] = useState('');
  const refuse = async () => {
    const path = `budgets/requests/${request.id}/refuse`;
    const body = { answer };
    props.onDone(await api.call<BudgetRequest>(path, { method: 'POST', body }));
    toasts.info(`The request of ${request.person} is refused.`);
  };
  return (
    <Dialog
      title={`Refuse what ${request.person} asks for`}
      accept="Refuse"
      isDangerous
      onAccept={refuse}
      onClose={props.onClose}
    >
      <LongTextField label="Reason" value={answer} onChange={setAnswer} />
    </Dialog>
  );
}
