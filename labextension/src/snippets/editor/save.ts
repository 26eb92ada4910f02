/**
 * Saving a draft, and what is asked of the person when the server refuses.
 */
import {
  Conflict,
  Forbidden,
  Invalid,
  NotFound,
  SecretFound,
  TooLarge
} from '../../base/errors';
import type { Draft, IDraftContent } from './draft';
import type { SnippetsModel } from '../model';
import type { Finding, Snippet, SnippetCell, SnippetContent } from '../schemas';

/** Both sides of a conflict, and what they come from when it is still known. */
export interface IConflict {
  mine: Readonly<IDraftContent>;
  theirs: Snippet;
  base: SnippetContent | null;
}

/** How a conflict is settled. */
export type Settlement =
  | { choice: 'mine' | 'theirs' | 'copy' }
  | { choice: 'merged'; content: Partial<IDraftContent> & { cells: SnippetCell[] } };

/** The questions that saving may raise; null and false mean: go back and edit. */
export interface IQuestions {
  secrets(findings: readonly Finding[]): Promise<boolean>;
  conflict(conflict: IConflict): Promise<Settlement | null>;
  /** Somebody deleted the snippet meanwhile; `mayRestore` is false when it cannot be brought back. */
  deleted(name: string, mayRestore: boolean): Promise<'copy' | 'restore' | null>;
  /** The name of a copy. */
  copyName(name: string): string;
}

/** The saved snippet, or null when the person went back to edit. */
export async function saveDraft(
  draft: Draft,
  model: SnippetsModel,
  questions: IQuestions
): Promise<Snippet | null> {
  let allowSecrets = false;
  for (;;) {
    const content = draft.content;
    try {
      const input = {
        ...content,
        base_version: draft.version,
        allow_secrets: allowSecrets
      };
      const saved = await model.save(input, draft.id);
      draft.rebase(saved, draft.content !== content);
      return saved;
    } catch (error) {
      if (error instanceof SecretFound && !allowSecrets) {
        allowSecrets = await questions.secrets(findingsOf(error));
        if (!allowSecrets) {
          return null;
        }
      } else if (error instanceof Conflict && theirsOf(error)) {
        const outcome = await settle(draft, error, questions);
        if (outcome !== 'again') {
          return outcome;
        }
      } else if (error instanceof NotFound && (await isDeleted(draft, model))) {
        if (!(await settleDeleted(draft, model, questions))) {
          return null;
        }
      } else {
        throw error;
      }
    }
  }
}

async function settle(
  draft: Draft,
  error: Conflict,
  questions: IQuestions
): Promise<Snippet | 'again' | null> {
  const theirs = theirsOf(error)!;
  const base = (error.details.base ?? null) as SnippetContent | null;
  const settlement = await questions.conflict({ mine: draft.content, theirs, base });
  switch (settlement?.choice) {
    case undefined:
      return null;
    case 'theirs':
      draft.rebase(theirs, false);
      return theirs;
    case 'copy':
      draft.detach(questions.copyName(draft.content.name));
      return 'again';
    case 'merged':
      draft.rebase(theirs, true);
      draft.update(settlement.content);
      return 'again';
    case 'mine':
      draft.rebase(theirs, true);
      return 'again';
  }
}

/** Whether the snippet of a draft is no longer there; a project that is gone is another matter. */
async function isDeleted({ id }: Draft, model: SnippetsModel): Promise<boolean> {
  if (!id) {
    return false;
  }
  try {
    await model.get(id);
    return false;
  } catch (error) {
    if (error instanceof NotFound) {
      return true;
    }
    throw error;
  }
}

/** Make a deleted snippet one that can be saved; false when the person went back to edit. */
async function settleDeleted(
  draft: Draft,
  model: SnippetsModel,
  questions: IQuestions
): Promise<boolean> {
  let mayRestore = true;
  for (;;) {
    const choice = await questions.deleted(draft.content.name, mayRestore);
    if (choice === 'copy') {
      draft.detach(draft.content.name);
      return true;
    }
    if (choice === null || !draft.id) {
      return false;
    }
    try {
      await model.undelete(draft.id);
      return true;
    } catch (error) {
      if (!(error instanceof NotFound || error instanceof Forbidden)) {
        throw error;
      }
      mayRestore = false;
    }
  }
}

/** Whether an error stays until something else is saved: trying again would change nothing. */
export function isLasting(error: unknown): boolean {
  return (
    error instanceof Invalid ||
    error instanceof Forbidden ||
    error instanceof NotFound ||
    error instanceof Conflict ||
    error instanceof TooLarge
  );
}

function theirsOf(error: Conflict): Snippet | null {
  return (error.details.current ?? null) as Snippet | null;
}

/** Where secrets were found, as the error says. */
export function findingsOf(error: SecretFound): readonly Finding[] {
  return (error.details.findings ?? []) as readonly Finding[];
}
