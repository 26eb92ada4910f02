/**
 * The budgets that bear on this server; nothing where the server offers none.
 */
import React from 'react';

import { executeOwn } from '../../base/registry';
import { Button } from '../../base/controls';
import { CommandIDs } from '../commands';
import type { Budget } from '../schemas';
import { budgetText, durationText } from '../texts';
import type { IPageProps } from './props';

const MINUTE_S = 60;

/** What is left of each budget, and a way to ask for more. */
export function Budgets(props: IPageProps): JSX.Element | null {
  const { compute, trans } = props;
  const { budgets = [] } = compute.budgets ?? {};
  if (budgets.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="orrery-compute-budgets">
      <h2 id="orrery-compute-budgets">{trans.__('Budget')}</h2>
      <ul className="orrery-page-list">
        {budgets.map(budget => (
          <BudgetRow key={budget.id} {...props} budget={budget} />
        ))}
      </ul>
    </section>
  );
}

function BudgetRow(props: IPageProps & { budget: Budget }): JSX.Element {
  const { budget, commands, compute, trans } = props;
  const { id, minutes_left: minutes, percent, project } = budget;
  const text = budgetText(budget, compute.budgets?.currency ?? '', trans);
  return (
    <li className="orrery-page-row">
      <meter
        aria-label={text}
        className="orrery-compute-meter"
        high={95}
        low={80}
        max={100}
        optimum={0}
        value={Math.min(100, percent)}
      />
      <div className="orrery-page-label orrery-mod-wrap">
        {text}
        <div className="orrery-meta">
          <span>
            {project ? trans.__('of the project %1', project) : trans.__('of your own')}
          </span>
          {minutes !== null && (
            <span>
              {trans.__(
                'used up in %1 as things are',
                durationText(minutes * MINUTE_S, trans)
              )}
            </span>
          )}
        </div>
      </div>
      <Button
        onClick={() => void executeOwn(commands, CommandIDs.askForMore, { budget: id })}
      >
        {trans.__('Ask for More…')}
        <span className="orrery-hidden"> {text}</span>
      </Button>
    </li>
  );
}
