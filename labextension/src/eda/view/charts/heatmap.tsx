/**
 * A heat map of the associations between columns; a cell opens the column of its row.
 */
import type { PlotOptions } from '@observablehq/plot';
import React, { useCallback, useMemo } from 'react';

import { CELL_ROW_CLASS, type ICells } from '../../../base/chart/cells';
import { Chart, type ChartOptions } from '../../../base/chart/chart';
import type { ChartLibrary } from '../../../base/chart/library';
import type { Association } from '../../schemas';
import { Block } from '../components';
import { useView } from '../context';
import { whole } from '../format';
import type { IMatrix } from './matrix';

const CELL_WIDTH = 42;
const CELL_HEIGHT = 26;
// Room for the names, as long as the longest of them needs it.
const MOST_WIDTH = 150;
const MOST_HEIGHT = 100;
const LEAST_NAMES = 30;
const LETTER = 8;
const GAP = 12;
// On a deeper colour the numbers could not be read in every theme.
const DEEPEST = 0.6;

interface IHeatCell {
  row: number;
  column: number;
  pair: Association | undefined;
  isDiagonal: boolean;
}

/** The associations of the columns of a matrix, as coloured cells with their values. */
export function HeatMap({ matrix }: { matrix: IMatrix }): JSX.Element {
  const { model, openColumn, trans } = useView();
  const { columns } = matrix;
  const rows = useMemo(() => cellsOf(matrix), [matrix]);
  const names = columns.map(column => model.name(column));
  const cellText = useCellText(names);
  const nameKey = names.join('\n');
  const options = useCallback<ChartOptions>(
    plot => heatPlot(plot, rows, names, cellText),
    [rows, nameKey]
  );
  const cells = useMemo<ICells>(
    () => ({
      labelOf: (row, column) => cellText(rows[row][column]),
      onActivate: (row, column) => {
        if (rows[row][column].pair) {
          openColumn(names[row]);
        }
      }
    }),
    [rows, nameKey]
  );
  return (
    <Block
      title={trans.__('Heat map')}
      note={trans.__(
        'of the columns with the strongest ties; a cell opens the column of its row'
      )}
    >
      <div className="orrery-eda-view-table">
        <Chart
          trans={trans}
          label={trans.__('Heat map')}
          height={roomFor(names, MOST_HEIGHT) + columns.length * CELL_HEIGHT}
          options={options}
          cells={cells}
        />
      </div>
      <HeatLegend />
    </Block>
  );
}

function cellsOf({ columns, at }: IMatrix): IHeatCell[][] {
  return columns.map((a, row) =>
    columns.map((b, column) => ({
      row,
      column,
      pair: a === b ? undefined : at(a, b),
      isDiagonal: a === b
    }))
  );
}

/** Pixels that the names take beside or above the cells. */
function roomFor(names: readonly string[], most: number): number {
  const longest = Math.max(0, ...names.map(({ length }) => length));
  return Math.min(most, Math.max(LEAST_NAMES, longest * LETTER + GAP));
}

function heatPlot(
  plot: ChartLibrary,
  rows: readonly (readonly IHeatCell[])[],
  names: readonly string[],
  cellText: (cell: IHeatCell) => string
): PlotOptions {
  const indices = names.map((_, index) => index);
  const width = roomFor(names, MOST_WIDTH);
  const axis = {
    tickSize: 0,
    tickFormat: (index: number) => names[index] || '–',
    fill: 'var(--jp-ui-font-color1)',
    textOverflow: 'ellipsis' as const
  };
  const all = rows.flat();
  return {
    width: width + names.length * CELL_WIDTH,
    marginTop: roomFor(names, MOST_HEIGHT),
    marginLeft: width,
    marginRight: 0,
    marginBottom: 0,
    padding: 0,
    x: { type: 'band', domain: indices, label: null },
    y: { type: 'band', domain: indices, label: null },
    opacity: { type: 'identity' },
    marks: [
      plot.axisY({ ...axis, anchor: 'left', lineWidth: 13 }),
      plot.axisX({ ...axis, anchor: 'top', tickRotate: -90, lineWidth: 8 }),
      ...rows.map(row =>
        plot.cell(row, {
          x: 'column',
          y: 'row',
          inset: 0.5,
          fill: colourOf,
          fillOpacity: ({ pair }: IHeatCell) =>
            pair ? Math.abs(pair.value) * DEEPEST : 1,
          className: CELL_ROW_CLASS
        })
      ),
      plot.text(all, {
        x: 'column',
        y: 'row',
        text: ({ pair, isDiagonal }: IHeatCell) =>
          pair ? coefficient(pair.value) : isDiagonal ? '' : '·',
        fill: 'var(--jp-ui-font-color0)',
        pointerEvents: 'none'
      }),
      plot.tip(
        all,
        plot.pointer({ x: 'column', y: 'row', title: cellText, maxRadius: CELL_WIDTH })
      )
    ]
  };
}

function colourOf({ pair, isDiagonal }: IHeatCell): string {
  if (!pair) {
    return isDiagonal ? 'var(--jp-layout-color2)' : 'var(--jp-layout-color1)';
  }
  return pair.value < 0 ? 'var(--orrery-chart-minus)' : 'var(--orrery-chart-plus)';
}

function useCellText(names: readonly string[]): (cell: IHeatCell) => string {
  const { labels, trans } = useView();
  return ({ row, column, pair, isDiagonal }) => {
    if (isDiagonal) {
      return names[row];
    }
    return pair
      ? trans.__(
          '%1: %2 and %3 (%4, %5 rows)',
          coefficient(pair.value),
          names[row],
          names[column],
          labels.measures[pair.measure],
          whole(pair.rows)
        )
      : trans.__('%1 and %2: not among the strongest', names[row], names[column]);
  };
}

/** A coefficient from -1 to 1 with two digits. */
export function coefficient(value: number): string {
  return value.toFixed(2).replace(/^-0\.00$/, '0.00');
}

function HeatLegend(): JSX.Element {
  const { trans } = useView();
  return (
    <p className="orrery-eda-view-legend orrery-eda-view-quiet">
      <span data-sign="minus" aria-hidden />
      {trans.__('one grows, the other falls')}
      <span data-sign="plus" aria-hidden />
      {trans.__('they grow together, or one tells of the other')}
    </p>
  );
}
