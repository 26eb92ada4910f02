/**
 * What of files could not be read: where, and why.
 */
import React from 'react';

import type { ImportProblem } from '../schemas';

// More than anybody reads; the rest is counted.
const SHOWN = 500;

/** A list of problems, each with its file and line. */
export function ProblemList(props: {
  title: string;
  problems: readonly ImportProblem[];
}): JSX.Element {
  const { title, problems } = props;
  return (
    <ul className="orrery-snippets-problems" tabIndex={0} aria-label={title}>
      {problems.slice(0, SHOWN).map((problem, index) => (
        <li key={index}>
          <strong>{problem.name || placeOf(problem)}</strong>
          {problem.name && <span className="orrery-quiet"> {placeOf(problem)}</span>}
          <br />
          {problem.reason}
        </li>
      ))}
      {problems.length > SHOWN && (
        <li>… {(problems.length - SHOWN).toLocaleString()}</li>
      )}
    </ul>
  );
}

/** "python.json:12". */
function placeOf({ file, line }: ImportProblem): string {
  return line ? `${file}:${line}` : file;
}
