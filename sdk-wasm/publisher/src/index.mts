// The CommonJS build is the only one there is, so that a program that uses both forms has one publisher, not two.
export * from './index.js';
