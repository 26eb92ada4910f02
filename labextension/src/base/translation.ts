/**
 * The texts of Orrery in the language of the lab.
 */
import {
  nullTranslator,
  type ITranslator,
  type TranslationBundle
} from '@jupyterlab/translation';

/** The texts; those of the code in a lab without a translator. */
export function loadTexts(
  translator: ITranslator | null | undefined
): TranslationBundle {
  return (translator ?? nullTranslator).load('orrery');
}
