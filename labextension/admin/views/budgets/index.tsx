/**
 * Budgets: what may be used and is used, by whom, and when it is used up.
 */
import React, { useState } from 'react';

import { useAdmin } from '../../context';
import { Badge, Button } from '../../controls';
import { ListView, type IListViewProps } from '../../listview';
import type { Budget } from '../../schemas';

import { useCurrency } from './currency';
import { BudgetDetails } from './details';
import { CreateBudget } from './dialogs';
import { amountText, forecast, ownerOf, PERIODS, RESOURCES, SUBJECTS } from './words';

type Columns = IListViewProps<Budget>['columns'];

const HIGH_PERCENT = 80;

function columnsIn(currency: string): Columns {
  return [
    {
      id: 'name',
      title: 'Owner',
      width: 'minmax(150px, 2fr)',
      isSortable: true,
      cell: budget => ownerOf(budget)
    },
    {
      id: 'resource',
      title: 'Resource',
      width: 'minmax(150px, 1.5fr)',
      cell: budget => `${RESOURCES[budget.resource]} ${PERIODS[budget.period]}`
    },
    {
      id: 'limit',
      title: 'Limit',
      width: 'minmax(110px, 1fr)',
      isSortable: true,
      cell: budget =>
        amountText(budget.resource, budget.limit + budget.granted, currency)
    },
    {
      id: 'used',
      title: 'Used',
      width: 'minmax(110px, 1fr)',
      cell: budget => amountText(budget.resource, budget.used, currency)
    },
    {
      id: 'percent',
      title: 'Used %',
      width: '80px',
      cell: budget => <Level budget={budget} />
    },
    {
      id: 'left',
      title: 'Exhausted',
      width: '110px',
      cell: budget => forecast(budget)
    }
  ];
}

/** How much is used, in words and a colour that repeats them. */
function Level({ budget }: { budget: Budget }): JSX.Element {
  const { is_exhausted: isExhausted, percent } = budget;
  const level = isExhausted ? 'bad' : percent >= HIGH_PERCENT ? 'warning' : 'good';
  return <Badge level={level}>{percent} %</Badge>;
}

/** All budgets for an administrator; for an owner those of the own projects, to look at. */
export function BudgetsView(): JSX.Element {
  const currency = useCurrency();
  const { isAdmin } = useAdmin().api.facts;
  const [isCreating, setCreating] = useState(false);
  return (
    <ListView<Budget>
      title="Budgets"
      noun={['budget', 'budgets']}
      path="budgets"
      search="Search budgets by person, project"
      sort="name"
      seconds={30}
      filters={[
        {
          name: 'subject',
          label: 'For',
          initial: '',
          options: [['', 'All'], ...Object.entries(SUBJECTS)]
        },
        {
          name: 'resource',
          label: 'Resource',
          initial: '',
          options: [['', 'All'], ...Object.entries(RESOURCES)]
        }
      ]}
      columns={columnsIn(currency)}
      idOf={budget => String(budget.id)}
      empty="No budget matches. A budget limits what servers use; without one, nothing is limited."
      actions={(_, list) =>
        isAdmin && (
          <>
            <Button look="accent" onClick={() => setCreating(true)}>
              New Budget…
            </Button>
            {isCreating && (
              <CreateBudget
                currency={currency}
                onDone={list.refresh}
                onClose={() => setCreating(false)}
              />
            )}
          </>
        )
      }
      details={(budget, list) => (
        <BudgetDetails
          key={budget.id}
          budget={budget}
          list={list}
          currency={currency}
          isAdmin={isAdmin}
        />
      )}
    />
  );
}
