// What a vendor's types are on the wire.

/** As JSON: dates and enums are texts. */
export type Json<T> = T extends Date
  ? string
  : T extends string
    ? `${T}`
    : T extends (infer U)[]
      ? Json<U>[]
      : T extends object
        ? { [K in keyof T]: Json<T[K]> }
        : T;

type SnakeName<S extends string> = S extends `${infer A}${infer B}` ? `${A extends Lowercase<A> ? A : `_${Lowercase<A>}`}${SnakeName<B>}` : S;

/** With the names the wire has where the library has camel case. */
export type Snake<T> = { [K in keyof T as K extends string ? SnakeName<K> : never]: T[K] };

/** A form's fields: capitalized, and all of them texts. */
export type Form<T> = { [K in keyof T as K extends string ? Capitalize<K> : never]: string };
