/**
 * Two columns of numbers against each other, as counts over a plane.
 */
import type { PlotOptions } from '@observablehq/plot';
import React, { useCallback, useMemo } from 'react';

import { Chart, type ChartOptions } from '../../../base/chart/chart';
import type { ChartLibrary } from '../../../base/chart/library';
import type { Scatter } from '../../schemas';
import { CodeButton, Name } from '../components';
import { useView } from '../context';
import { compact, number, share, whole } from '../format';

const HEIGHT = 200;

interface IDensityCell {
  x1: number;
  x2: number;
  y1: number;
  y2: number;
  count: number;
}

/** A rectangle for each pair of bins that holds rows; the darker, the more. */
export function DensityChart({ scatter }: { scatter: Scatter }): JSX.Element {
  const { model, trans } = useView();
  const { a, b } = scatter;
  const cells = useMemo(() => cellsOf(scatter), [scatter]);
  const rows = cells.reduce((sum, cell) => sum + cell.count, 0);
  const [nameA, nameB] = [model.name(a), model.name(b)];
  const options = useCallback<ChartOptions>(
    plot =>
      densityPlot(plot, cells, cell =>
        trans.__(
          '%1 to %2\n%3 to %4\n%5',
          number(cell.x1),
          number(cell.x2),
          number(cell.y1),
          number(cell.y2),
          `${whole(cell.count)} (${share(cell.count / rows)})`
        )
      ),
    [cells]
  );
  return (
    <figure className="orrery-eda-view-scatter">
      <figcaption>
        <CodeButton
          request={{ what: 'statistic', statistic: 'associations', column: a }}
          about={trans.__('%1 against %2', nameB, nameA)}
        >
          <Name name={nameB} /> {trans.__('against')} <Name name={nameA} />
        </CodeButton>
      </figcaption>
      <Chart
        trans={trans}
        label={trans.__('%1 against %2: %3 rows', nameB, nameA, whole(rows))}
        height={HEIGHT}
        options={options}
      />
    </figure>
  );
}

function cellsOf({ counts, x_edges: x, y_edges: y }: Scatter): IDensityCell[] {
  return counts.flatMap((row, rowIndex) =>
    row.flatMap((count, column) =>
      count > 0
        ? {
            x1: x[column],
            x2: x[column + 1],
            y1: y[rowIndex],
            y2: y[rowIndex + 1],
            count
          }
        : []
    )
  );
}

function densityPlot(
  plot: ChartLibrary,
  cells: readonly IDensityCell[],
  cellText: (cell: IDensityCell) => string
): PlotOptions {
  const axis = { label: null, ticks: 4, tickFormat: axisText };
  return {
    marginLeft: 44,
    marginBottom: 24,
    x: axis,
    y: axis,
    opacity: { type: 'log', range: [0.15, 1] },
    marks: [
      plot.frame({ stroke: 'var(--orrery-chart-grid)' }),
      plot.rect(cells, {
        x1: 'x1',
        x2: 'x2',
        y1: 'y1',
        y2: 'y2',
        fill: 'var(--orrery-chart-plus)',
        fillOpacity: 'count',
        title: cellText,
        tip: true
      })
    ]
  };
}

function axisText(value: number): string {
  const size = Math.abs(value);
  return size >= 10_000 && size < 1e9 ? compact(value) : number(value);
}
