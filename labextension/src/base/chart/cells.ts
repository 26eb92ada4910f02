/**
 * The cells of a chart as a grid that works by keyboard.
 */

/** The row and the column of a cell. */
export type CellPosition = readonly [row: number, column: number];

/** What is needed to make the rows of cells of a chart a grid. */
export interface ICells {
  /** The accessible name of a cell. */
  labelOf(row: number, column: number): string;
  /** Called on click, Enter and Space. */
  onActivate(row: number, column: number): void;
}

/** The class of the marks that hold the cells: one mark per row, its cells in order. */
export const CELL_ROW_CLASS = 'orrery-chart-row';

/**
 * Give rows and cells of a chart their roles, names and keys.
 *
 * The tab key leads to one cell; arrows, Home and End lead to the others.
 *
 * @param svg The chart, with one mark of the class `CELL_ROW_CLASS` per row.
 * @param start The cell that the tab key leads to.
 * @param onMove Called with the cell that has the focus.
 */
export function connectCells(
  svg: Element,
  label: string,
  cells: ICells,
  start: CellPosition,
  onMove: (position: CellPosition) => void
): void {
  const rows = [...svg.querySelectorAll(`.${CELL_ROW_CLASS}`)];
  const nodes = rows.map(row => [...row.querySelectorAll<SVGElement>('rect')]);
  let current = clamp(start, nodes);
  svg.setAttribute('role', 'grid');
  svg.setAttribute('aria-label', label);
  for (const child of svg.children) {
    child.setAttribute('aria-hidden', 'true');
  }
  rows.forEach(row => {
    row.removeAttribute('aria-hidden');
    row.removeAttribute('aria-label');
    row.setAttribute('role', 'row');
  });
  const move = (to: CellPosition): void => {
    nodes[current[0]]?.[current[1]]?.setAttribute('tabindex', '-1');
    current = clamp(to, nodes);
    nodes[current[0]]?.[current[1]]?.setAttribute('tabindex', '0');
    onMove(current);
  };
  nodes.forEach((row, rowIndex) =>
    row.forEach((node, columnIndex) => {
      node.setAttribute('role', 'gridcell');
      node.setAttribute('tabindex', '-1');
      node.setAttribute('aria-label', cells.labelOf(rowIndex, columnIndex));
      node.addEventListener('focus', () => move([rowIndex, columnIndex]));
      node.addEventListener('click', () => cells.onActivate(rowIndex, columnIndex));
      // Else the chart's own pointer would pin its tip to the cell.
      node.addEventListener('pointerdown', event => event.stopPropagation());
      node.addEventListener('keydown', event => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          cells.onActivate(rowIndex, columnIndex);
          return;
        }
        const to = neighbour(event.key, [rowIndex, columnIndex], row.length);
        if (to) {
          event.preventDefault();
          event.stopPropagation();
          const [nextRow, nextColumn] = clamp(to, nodes);
          nodes[nextRow][nextColumn].focus();
        }
      });
    })
  );
  nodes[current[0]]?.[current[1]]?.setAttribute('tabindex', '0');
}

function neighbour(
  key: string,
  [row, column]: CellPosition,
  width: number
): CellPosition | undefined {
  const positions: Record<string, CellPosition> = {
    ArrowDown: [row + 1, column],
    ArrowUp: [row - 1, column],
    ArrowRight: [row, column + 1],
    ArrowLeft: [row, column - 1],
    Home: [row, 0],
    End: [row, width - 1]
  };
  return positions[key];
}

function clamp(
  [row, column]: CellPosition,
  nodes: readonly (readonly unknown[])[]
): CellPosition {
  const last = (count: number, index: number): number =>
    Math.max(0, Math.min(index, count - 1));
  const inRow = last(nodes.length, row);
  return [inRow, last(nodes[inRow]?.length ?? 0, column)];
}
