import PlushKernels
import Testing

@Test func typeSizes() {
  #expect(plush_type_size(PLUSH_BFLOAT16) == 2)
  #expect(plush_class_of(PLUSH_UINT8) == PLUSH_I32)
}
