// The data are those of every `DigitNetwork`; pictures come with one channel of grey or three of
// colours.
extension CNN: DigitNetwork {}
