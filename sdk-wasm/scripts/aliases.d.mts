export const sdk: string;
export const wasmBuild: string;
export const wasmFile: string;
export const glueFile: string;
export function wasmBase64(): string;
