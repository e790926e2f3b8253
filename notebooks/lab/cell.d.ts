/** What Notebook Kit gives to every cell. */

/** Shows a value below the cell, and returns it. */
declare function display<T>(value: T): T;

/** Shows a control below the cell. Other cells see its value, and run again when it changes. */
declare function view<C extends HTMLElement>(control: C): C extends { value: infer V } ? V : never;
