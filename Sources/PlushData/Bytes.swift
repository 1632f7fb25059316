extension FixedWidthInteger {
  /// The bytes of the value, the lowest first.
  package var littleEndianBytes: [UInt8] {
    withUnsafeBytes(of: littleEndian) { Array($0) }
  }
}

extension UnsafeRawBufferPointer {
  /// The little-endian integers in these bytes, wherever they are aligned.
  package func elements<Element: FixedWidthInteger>(of type: Element.Type) -> [Element] {
    let size = MemoryLayout<Element>.size
    return (0..<count / size).map {
      Element(littleEndian: loadUnaligned(fromByteOffset: $0 * size, as: Element.self))
    }
  }
}

extension ArraySlice<UInt8> {
  /// The number in these bytes, at most eight, the lowest first.
  package var littleEndianNumber: UInt64 { reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  /// The bytes with the order in each group of `size` turned round.
  package func reversed(inGroupsOf size: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      for place in 0..<count {
        let turned = place + size - 1 - 2 * (place % size)
        buffer[place] = self[startIndex + turned]
      }
      initialized = count
    }
  }
}
