using SkiaSharp;

namespace ServerlessImages.Drawn;

/// <summary>The colours of one hour of the day.</summary>
/// <param name="Far">The hills on the horizon, almost lost in the haze.</param>
/// <param name="Near">The ground in front, dark enough for light letters.</param>
internal sealed record Palette(string Name, SKColor Zenith, SKColor Sky, SKColor Haze, SKColor Sun, SKColor Far, SKColor Near, bool Night = false)
{
    public static IReadOnlyList<Palette> All { get; } =
    [
        Of("dawn", 0x2B3A67, 0xB56576, 0xF8C291, 0xFFF3DC, 0xC58A8F, 0x16162F),
        Of("alpine", 0x2A6299, 0x86BFDB, 0xF4EBD6, 0xFFFDF5, 0x9CBFCB, 0x0E2C33),
        Of("ember", 0x3A0F2E, 0xC8394A, 0xFFB35C, 0xFFE8B0, 0xCB5D49, 0x1D0818),
        Of("midnight", 0x070B24, 0x1F2D61, 0x5A6AA8, 0xF6F2E0, 0x43518A, 0x05081A, night: true),
        Of("meadow", 0x2F6F7E, 0x9CD0C1, 0xFCE8B8, 0xFFF8E0, 0x93B5A0, 0x0D2B1E),
        Of("lavender", 0x46357A, 0xA78BC9, 0xF8D6D0, 0xFFF2EC, 0xAC8DBE, 0x1C1138),
        Of("dune", 0x2B6C86, 0xE9C39A, 0xF9E4C4, 0xFFF7E6, 0xD59C70, 0x3B1716),
        Of("rose", 0x6F2A50, 0xE48488, 0xFCDDC4, 0xFFF4E8, 0xCF8089, 0x2B0D23),
        Of("lagoon", 0x0B4F5C, 0x4FB0A5, 0xEBF6DC, 0xFFFFF0, 0x70B0A4, 0x042228),
        Of("sepia", 0x37322E, 0x958371, 0xEBDEC8, 0xFFF9EC, 0xA3907C, 0x161210),
        Of("polar", 0x04121F, 0x0E4146, 0x3F9C86, 0xE9FFF4, 0x1F6A64, 0x020B12, night: true),
    ];

    /// <summary>The colour of a hill between the farthest (0) and the nearest (1).</summary>
    public SKColor Hill(float nearness) => Mix(Far, Near, MathF.Pow(nearness, 0.8f));

    public static SKColor Mix(SKColor from, SKColor to, float share) => new(
        Channel(from.Red, to.Red, share), Channel(from.Green, to.Green, share), Channel(from.Blue, to.Blue, share));

    public static SKColor Faded(SKColor color, float opacity) => color.WithAlpha((byte)Math.Clamp(255 * opacity, 0, 255));

    private static byte Channel(byte from, byte to, float share) => (byte)(from + ((to - from) * share));

    private static Palette Of(string name, uint zenith, uint sky, uint haze, uint sun, uint far, uint near, bool night = false) =>
        new(name, Opaque(zenith), Opaque(sky), Opaque(haze), Opaque(sun), Opaque(far), Opaque(near), night);

    private static SKColor Opaque(uint color) => new(0xFF000000 | color);
}
