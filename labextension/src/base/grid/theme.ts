/**
 * The colours and the font of the lab, as a canvas needs them.
 */

/** What a grid is drawn with; colours as CSS writes them, without variables. */
export interface IGridTheme {
  background: string;
  headerBackground: string;
  line: string;
  headerLine: string;
  text: string;
  quietText: string;
  selection: string;
  border: string;
  font: string;
}

const COLOURS: Record<Exclude<keyof IGridTheme, 'font'>, string> = {
  background: 'var(--jp-layout-color1)',
  headerBackground: 'var(--jp-layout-color1)',
  line: 'var(--jp-border-color3)',
  headerLine: 'var(--jp-border-color1)',
  text: 'var(--jp-ui-font-color1)',
  quietText: 'var(--jp-ui-font-color2)',
  selection: 'color-mix(in srgb, var(--jp-brand-color1) 18%, transparent)',
  border: 'var(--jp-brand-color1)'
};

/** The theme as it is below a node: a canvas knows no variables. */
export function readTheme(node: HTMLElement): IGridTheme {
  const probe = document.createElement('span');
  probe.style.font = 'var(--jp-ui-font-size1) var(--jp-ui-font-family)';
  probe.style.fontVariantNumeric = 'tabular-nums';
  node.append(probe);
  const style = getComputedStyle(probe);
  const colours = Object.entries(COLOURS).map(([name, colour]) => {
    probe.style.color = colour;
    return [name, style.color];
  });
  const font = `${style.fontSize || '13px'} ${style.fontFamily || 'sans-serif'}`;
  probe.remove();
  return { ...(Object.fromEntries(colours) as Omit<IGridTheme, 'font'>), font };
}
