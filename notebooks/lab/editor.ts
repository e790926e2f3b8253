/** The code editor of a box: CodeMirror, fetched when the first box is seen. Its text is that of the text area it replaces. */
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightSpecialChars, keymap } from '@codemirror/view';
import { tagHighlighter, tags } from '@lezer/highlight';

export type Language = 'javascript' | 'json';
const LANGUAGES = { javascript, json };

/** The classes by which the notebooks colour code. */
const COLOURS = tagHighlighter([
  { tag: [tags.keyword, tags.operatorKeyword, tags.definitionKeyword], class: 'tok-keyword' },
  { tag: [tags.number, tags.bool, tags.null], class: 'tok-literal' },
  { tag: [tags.string, tags.special(tags.string)], class: 'tok-string' },
  { tag: tags.comment, class: 'tok-comment' },
  { tag: [tags.definition(tags.variableName), tags.function(tags.variableName)], class: 'tok-definition' },
  { tag: tags.variableName, class: 'tok-variable' },
  { tag: tags.propertyName, class: 'tok-definition' },
  { tag: tags.invalid, class: 'tok-invalid' },
]);

/** Colours and letters of the page, so that light and dark need nothing more. */
const LOOK = EditorView.theme({
  '&': { color: 'var(--theme-foreground)', backgroundColor: 'var(--theme-background-alt)', border: '1px solid var(--theme-foreground-fainter)', borderRadius: '4px' }, // biome-ignore format: one rule a line
  '&.cm-focused': { outline: '2px solid var(--theme-foreground-focus)' },
  '.cm-scroller': { font: 'var(--monospace-font)' },
  '.cm-content': { padding: '8px', caretColor: 'var(--theme-foreground)' },
  '.cm-line': { padding: '0' },
  '.cm-cursor': { borderLeftColor: 'var(--theme-foreground)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'color-mix(in srgb, var(--theme-foreground-focus) 30%, transparent)' }, // biome-ignore format: one rule a line
});

/** What the editor writes into the text area, as if typed there. */
const writeBack = (area: HTMLTextAreaElement) =>
  EditorView.updateListener.of(({ docChanged, state }) => {
    if (!docChanged) return;
    const text = state.doc.toString();
    if (area.value === text) return;
    area.value = text;
    area.dispatchEvent(new Event('input', { bubbles: true }));
  });

/** Puts an editor in the place of a text area. Tab leaves it, as it leaves any field. */
export function openEditor(area: HTMLTextAreaElement, language: Language): EditorView {
  const extensions = [
    [
      highlightSpecialChars(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
    ],
    [LANGUAGES[language](), indentUnit.of('  '), syntaxHighlighting(COLOURS), EditorView.lineWrapping],
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap]),
    EditorView.contentAttributes.of({ 'aria-label': area.getAttribute('aria-label') ?? '' }),
    [LOOK, writeBack(area)],
  ];
  const focused = document.activeElement === area;
  const editor = new EditorView({ state: EditorState.create({ doc: area.value, extensions }) });
  area.hidden = true;
  area.after(editor.dom);
  if (focused) editor.focus();
  return editor;
}

/** Replaces all of the text. */
export function setText(editor: EditorView, text: string): void {
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
}
