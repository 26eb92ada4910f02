/**
 * A row of a list, at its place.
 */
import React from 'react';

export function Row(props: {
  readonly id: string;
  readonly index: number;
  readonly top: number;
  readonly style: React.CSSProperties;
  readonly isActive: boolean;
  /** Whether its details are beside the list. */
  readonly isOpen: boolean;
  /** Undefined where no row can be chosen. */
  readonly isSelected: boolean | undefined;
  /** What the row is called by who hears the list; undefined while it is on the way. */
  readonly name: string | undefined;
  readonly onOpen: () => void;
  readonly onToggle: () => void;
  readonly children: React.ReactNode;
}): JSX.Element {
  const { index, isSelected, name } = props;
  return (
    <div
      id={props.id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      className="orrery-admin-row"
      data-active={props.isActive}
      data-open={props.isOpen}
      style={{ ...props.style, transform: `translateY(${props.top}px)` }}
      onClick={props.onOpen}
    >
      {isSelected !== undefined && (
        <span role="gridcell" onClick={event => event.stopPropagation()}>
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={name === undefined ? 'Loading' : `Select ${name}`}
            checked={isSelected}
            disabled={name === undefined}
            onChange={props.onToggle}
          />
        </span>
      )}
      {props.children}
    </div>
  );
}
