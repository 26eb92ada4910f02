/**
 * The largest sums of costs as bars.
 */
import React, { useMemo } from 'react';

import { Chart, type ChartOptions } from '../../../src/base/chart/chart';
import type { Page } from '../../../src/base/schemas';

import { parametersOf } from '../../api';
import { Failure } from '../../controls';
import type { IList } from '../../listview';
import { usePoll } from '../../poll';
import type { Cost } from '../../schemas';

import { amountText } from '../budgets/words';

import { labelOf, measureOf, type IMeasure } from './sums';

const BARS = 12;
const BAR_PX = 18;
const AXIS_PX = 34;
const LABEL_PX = 180;
const LABEL_LETTERS = 26;
const MINUTES = 60;
const MICROS = 1_000_000;

const TRANS = { __: (text: string) => text };

/** The bars of a page of costs, the largest first, and how they are drawn. */
function optionsOf(
  costs: readonly Cost[],
  by: string,
  measure: IMeasure,
  currency: string
): ChartOptions {
  return plot => {
    const scale = measure.id === 'money' ? MICROS : MINUTES;
    const bars = costs.map((cost, index) => ({
      index,
      label: shortened(labelOf(cost, by)),
      value: measure.of(cost) / scale
    }));
    return {
      marginLeft: LABEL_PX,
      marginBottom: AXIS_PX,
      x: {
        label: `${measure.title}${measure.id === 'money' ? ` in ${currency}` : ''}`,
        ticks: 6
      },
      y: {
        label: null,
        domain: bars.map(({ index }) => index),
        tickFormat: (index: number) => bars[index].label
      },
      marks: [
        plot.gridX({ stroke: 'var(--jp-border-color2)', strokeOpacity: 1, ticks: 6 }),
        plot.barX(bars, {
          x: 'value',
          y: 'index',
          fill: 'var(--jp-brand-color1)',
          inset: 2
        }),
        plot.ruleX([0], { stroke: 'var(--jp-border-color1)' })
      ]
    };
  };
}

export function CostChart(props: {
  readonly query: IList<Cost>['query'];
  readonly currency: string;
}): JSX.Element | null {
  const { query, currency } = props;
  const by = String(query.by);
  const measure = measureOf(query.sort);
  const page = usePoll<Page<Cost>>(
    `budgets/costs${parametersOf({ ...query, limit: BARS })}`
  );
  const costs = page.value?.items;
  const options = useMemo(
    () => optionsOf(costs ?? [], by, measure, currency),
    [costs, by, measure, currency]
  );
  if (page.error) {
    return <Failure error={page.error} onRetry={page.refresh} />;
  }
  if (!costs?.some(cost => measure.of(cost) > 0)) {
    return null;
  }
  const words = costs.map(
    cost =>
      `${labelOf(cost, by)}: ${amountText(measure.id, measure.of(cost), currency)}`
  );
  return (
    <section className="orrery-admin-chart" aria-label="Chart">
      <Chart
        trans={TRANS}
        label={`${measure.title}, the first ${costs.length} of ${page.value!.total}`}
        description={words.join('; ')}
        height={costs.length * BAR_PX + AXIS_PX}
        options={options}
      />
    </section>
  );
}

function shortened(text: string): string {
  return text.length > LABEL_LETTERS ? `${text.slice(0, LABEL_LETTERS - 1)}…` : text;
}
