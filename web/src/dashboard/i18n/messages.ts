// What a message may look like, and which values a message of English asks for.

/** A text with `{name}` for each value, or one text for each plural form of `{count}`. */
export type Message = string | { readonly one?: string; readonly other: string };

type NamesIn<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The names between braces in a message. */
export type ValuesOf<M extends Message> = M extends string
  ? NamesIn<M>
  : M extends { readonly other: infer Other }
    ? NamesIn<Other> | "count"
    : never;
