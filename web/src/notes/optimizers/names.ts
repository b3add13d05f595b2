// Names of parameters as labels in drawings: "w₁", "W₁[0, 0]".

const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉';

export const pretty = (name: string): string =>
  name.replace(
    /^([A-Za-z]+)(\d+)/,
    (_, letters: string, digits: string) =>
      letters + [...digits].map((digit) => SUBSCRIPTS[Number(digit)]).join(''),
  );
