/**
 * Counts that have names, as bars: hours, weekdays.
 */
import React, { useCallback, useMemo } from 'react';

import { Chart, type ChartOptions } from '../../../base/chart/chart';
import { useView } from '../context';
import { whole } from '../format';

const HEIGHT = 84;
const PIXELS_PER_TICK = 70;

/** One bar per name, in the order of the names. */
export function CountsChart(props: {
  counts: readonly number[];
  names: readonly string[];
  label: string;
}): JSX.Element {
  const { trans } = useView();
  const { counts, names, label } = props;
  const bars = useMemo(
    () => counts.map((count, index) => ({ name: names[index], count })),
    [counts, names]
  );
  const options = useCallback<ChartOptions>(
    (plot, width) => ({
      marginBottom: 20,
      marginLeft: 20,
      marginRight: 20,
      x: { domain: [...names], label: null, padding: 0.1 },
      y: { axis: null },
      marks: [
        plot.axisX(everyOf(names, Math.floor(width / PIXELS_PER_TICK)), {
          tickSize: 0
        }),
        plot.barY(bars, {
          x: 'name',
          y: 'count',
          fill: 'var(--orrery-chart-bar)',
          title: ({ name, count }: (typeof bars)[number]) => `${name}: ${whole(count)}`,
          tip: 'x'
        }),
        plot.ruleY([0], { stroke: 'var(--jp-border-color1)' })
      ]
    }),
    [bars, names]
  );
  return (
    <div className="orrery-eda-view-counts">
      <h3 className="orrery-eda-view-minor">{label}</h3>
      <Chart
        trans={trans}
        label={label}
        description={bars
          .map(({ name, count }) => `${name}: ${whole(count)}`)
          .join(', ')}
        height={HEIGHT}
        options={options}
      />
    </div>
  );
}

/** Some of the names, evenly apart: as many as have room. */
function everyOf(names: readonly string[], most: number): string[] {
  const step = Math.ceil(names.length / Math.max(1, most));
  return names.filter((_, index) => index % step === 0);
}
