/**
 * Bars as small as a line of text: a list of thousands of rows draws them without a chart library.
 */
import React from 'react';

const WIDTH = 120;
const HEIGHT = 28;

export interface ISparklineProps {
  /** The accessible name and the tooltip. */
  label: string;
  /** Heights of the bars, from 0 to 1. */
  bars: readonly number[];
  /** Heights of a line of steps over the bars. */
  outline?: readonly number[];
  /** What each bar stands for, shown over it in place of the label. */
  titles?: readonly string[];
}

/** A row of bars, with a line of steps for what they are compared with. */
export function Sparkline(props: ISparklineProps): JSX.Element {
  const { label, bars, outline, titles } = props;
  const width = WIDTH / Math.max(bars.length, 1);
  return (
    <svg
      className="orrery-sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      {bars.map((height, index) => (
        <g key={index}>
          {titles && <title>{titles[index]}</title>}
          {titles && (
            <rect
              className="orrery-sparkline-ground"
              x={index * width}
              width={width}
              height={HEIGHT}
            />
          )}
          <rect
            x={index * width + width * 0.08}
            y={HEIGHT - pixels(height)}
            width={width * 0.84}
            height={pixels(height)}
          />
        </g>
      ))}
      {outline && <path d={steps(outline, width)} vectorEffect="non-scaling-stroke" />}
    </svg>
  );
}

/** A height in pixels; what is there at all can be seen. */
function pixels(height: number): number {
  return height > 0 ? Math.max(height * HEIGHT, 1.5) : 0;
}

function steps(heights: readonly number[], width: number): string {
  return heights
    .map((height, index) => {
      const y = HEIGHT - pixels(height);
      return `${index ? 'L' : 'M'}${index * width} ${y}L${(index + 1) * width} ${y}`;
    })
    .join('');
}
