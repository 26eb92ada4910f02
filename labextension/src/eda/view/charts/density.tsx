/**
 * Two columns of numbers against each other, as counts over a plane.
 */
import type { PlotOptions } from '@observablehq/plot';
import React, { useCallback, useMemo } from 'react';

import { Chart, type ChartOptions } from '../../../base/chart/chart';
import type { ChartLibrary } from '../../../base/chart/library';
import type { ColumnProfile, Scatter } from '../../schemas';
import { ColumnLink, WithCode } from '../components';
import { useView } from '../context';
import { compact, edge, number, share, whole } from '../format';
import { isTime } from './bins';

const HEIGHT = 200;
const TICKS = 4;
// A date is wider than a number.
const DATE_TICKS = 3;
const DATE_MARGIN = 84;

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
  const [xAxis, yAxis] = [
    axisOf(scatter.x_edges, model.columns.column(a)),
    axisOf(scatter.y_edges, model.columns.column(b))
  ];
  const options = useCallback<ChartOptions>(
    plot =>
      densityPlot(plot, cells, xAxis, yAxis, cell =>
        trans.__(
          '%1 to %2\n%3 to %4\n%5',
          xAxis.text(cell.x1),
          xAxis.text(cell.x2),
          yAxis.text(cell.y1),
          yAxis.text(cell.y2),
          `${whole(cell.count)} (${share(cell.count / rows)})`
        )
      ),
    [cells, xAxis.isTime, yAxis.isTime]
  );
  return (
    <figure className="orrery-eda-view-scatter">
      <figcaption>
        <WithCode
          request={{ what: 'statistic', statistic: 'associations', column: a }}
          about={trans.__('%1 against %2', nameB, nameA)}
        >
          <ColumnLink name={nameB} /> {trans.__('against')} <ColumnLink name={nameA} />
        </WithCode>
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

interface IAxis {
  isTime: boolean;
  text: (value: number) => string;
}

/** How the values of a column are read; times are seconds since 1970. */
function axisOf(edges: readonly number[], column: ColumnProfile | undefined): IAxis {
  const isDate = column !== undefined && isTime(column);
  return { isTime: isDate, text: value => edge(value, edges, isDate) };
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
  x: IAxis,
  y: IAxis,
  cellText: (cell: IDensityCell) => string
): PlotOptions {
  const axis = ({ isTime: isDate, text }: IAxis) => ({
    label: null,
    ticks: isDate ? DATE_TICKS : TICKS,
    tickFormat: isDate ? text : axisText
  });
  return {
    marginLeft: y.isTime ? DATE_MARGIN : 44,
    marginBottom: 24,
    x: axis(x),
    y: axis(y),
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
