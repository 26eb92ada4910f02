/**
 * The steps that one expansion may take, whatever its body asks for.
 *
 * The kernel counts the same (`kernels/orrery_kernels/snippets/template/budget.py`, which has the reasons), so a body is
 * refused on both sides or on neither.
 */

export const MAX_EXPANSION_STEPS = 300_000;
/** What it takes to find out that a text is no choice, or no transform. */
export const MALFORMED_STEPS = 250;
/** A stop or a variable, each time it is written. */
export const NODE_STEPS = 2;
/** So many characters are copied in the time of one step. */
export const CHARACTERS_PER_STEP = 4;

/** The body repeats itself beyond any use. */
export class BodyTooLarge extends Error {}

/** Steps that are left. */
export class Budget {
  constructor(steps = MAX_EXPANSION_STEPS) {
    this._left = steps;
  }

  get left(): number {
    return this._left;
  }

  /** Take steps; throws `BodyTooLarge` when fewer are left. */
  charge(steps: number): void {
    this._left -= steps;
    if (this._left < 0) {
      throw new BodyTooLarge();
    }
  }

  /** Take the steps of copying a text of a length in code points. */
  chargeText(length: number): void {
    this.charge(1 + Math.floor(length / CHARACTERS_PER_STEP));
  }

  private _left: number;
}
