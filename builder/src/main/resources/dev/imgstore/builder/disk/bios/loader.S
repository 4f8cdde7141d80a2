# Starts Linux from a BIOS. Three sectors that lie one behind the other in memory, at 0x7c00: the
# first 440 bytes are the boot code of the disk's first sector, the other two sectors are the first
# of the BIOS boot partition, and read by it.
#
# What is loaded comes from a table that whoever makes the disk fills in (LoaderCode): runs of sectors, and
# where in memory each belongs. So no file system is read here, and nothing is decided but whether
# there is enough memory. In memory:
#
#   0x06000  an entry of the memory map        0x10000  the kernel's real-mode part, its stack
#   0x07c00  this, with the stack below it     0x1e000  the command line
#   0x20000  what is read, before it is moved  0x100000 and above: the kernel, the initrd
#
# loader.hex has the bytes; a test assembles this and compares:
#   as --32 -o loader.o loader.S
#   ld -m elf_i386 -Ttext=0x7c00 -e start -o loader.elf loader.o
#   objcopy -O binary -j .text loader.elf loader.bin

        .intel_syntax noprefix
        .code16
        .text
        .globl  start

        .set    MAP, 0x6000             # one entry of the memory map
        .set    BUFFER, 0x20000         # on a boundary of 64 KiB, which no transfer may cross
        .set    MOST, 64                # sectors for one transfer; some BIOSes take 127 at most
        .set    SETUP, 0x1000           # segment of the kernel's real-mode part
        .set    STACK, 0xe000           # within that segment
        .set    COM1, 0x3f8

# --- the disk's first sector ----------------------------------------------------------------------

start:  cli                             # the BIOS says the drive in dl, and nothing else that holds
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, offset start
        .byte   0xea                    # jmp 0:1f, for some BIOSes come with 0x7c0:0
        .word   1f, 0
1:      sti
        cld
        mov     drive, dl
        mov     ah, 0x41                # are there extended reads? (EDD)
        mov     bx, 0x55aa
        int     0x13
        mov     si, offset old
        jc      fail
        cmp     bx, 0xaa55
        jne     fail
        test    cl, 1
        jz      fail
        call    read
        mov     si, offset gone
        cmp     dword ptr magic, 0x73676d69
        jne     fail
        jmp     second

# Reads `wanted` sectors from where the packet says; three tries.
read:   mov     cx, 3
1:      mov     ax, wanted
        mov     count, ax               # a read that failed has changed it
        mov     si, offset packet
        mov     dl, drive
        mov     ah, 0x42
        pushad
        int     0x13
        popad
        jnc     2f
        xor     ah, ah                  # reset
        pushad
        int     0x13
        popad
        loop    1b
        mov     si, offset broken
        jmp     fail
2:      ret

# Says the text at si on the screen, as the BIOS knows it.
say:    lodsb
        test    al, al
        jz      1f
        mov     ah, 0x0e
        mov     bx, 7
        pushad
        int     0x10
        popad
        jmp     say
1:      ret

# Says what is wrong, on the screen and at the first serial port, and stays.
fail:   push    si
        call    say
        pop     si
1:      lodsb
        test    al, al
        jz      4f
        mov     ah, al
        mov     dx, COM1 + 5
        xor     cx, cx
2:      in      al, dx                  # until it takes a character; a port that is not there does
        test    al, 0x20
        jnz     3f
        loop    2b
3:      mov     dx, COM1
        mov     al, ah
        out     dx, al
        jmp     1b
4:      hlt
        jmp     4b

old:    .asciz  "imgstore: this BIOS has no extended reads of disks\r\n"
broken: .asciz  "imgstore: the disk cannot be read\r\n"
gone:   .asciz  "imgstore: the BIOS boot partition has no loader\r\n"

drive:  .byte   0
wanted: .word   2

        .org    0x180                   # where LoaderCode puts the partition's first sector
packet: .byte   16, 0
count:  .word   0
        .word   second_sector, 0
lba:    .quad   0
        .org    0x1b8                   # the disk's own fields from here

# --- the partition's first sectors ----------------------------------------------------------------

        .org    0x200
second_sector:
magic:  .ascii  "imgstore"
table:  .fill   3 * 3, 4, 0             # sector within the partition, number of sectors, address
end:

base:   .quad   0

second: mov     eax, lba
        mov     base, eax
        mov     eax, lba + 4
        mov     base + 4, eax
        mov     word ptr packet + 4, BUFFER & 0xf
        mov     word ptr packet + 6, BUFFER >> 4
        mov     si, offset begin
        call    say
        call    open
        mov     bp, offset table + 12
1:      call    room                    # the first is below 1 MiB, where there is room
        add     bp, 12
        cmp     bp, offset end
        jb      1b
        mov     bp, offset table
2:      call    load
        add     bp, 12
        cmp     bp, offset end
        jb      2b
        cli                             # Linux/x86 boot protocol, "Running the Kernel"
        mov     ax, SETUP
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        mov     sp, STACK
        .byte   0xea
        .word   0, SETUP + 0x20

# Loads the run of sectors whose entry is at bp.
load:   mov     eax, [bp]
        xor     edx, edx
        add     eax, base
        adc     edx, base + 4
        mov     lba, eax
        mov     lba + 4, edx
1:      mov     eax, [bp + 4]
        test    eax, eax
        jz      3f
        cmp     eax, MOST
        jbe     2f
        mov     eax, MOST
2:      mov     wanted, ax
        push    eax
        call    read
        pop     eax
        sub     [bp + 4], eax
        add     lba, eax
        adc     dword ptr lba + 4, 0
        mov     ecx, eax
        shl     ecx, 7                  # in fours of bytes
        shl     eax, 9
        mov     esi, BUFFER
        mov     edi, [bp + 8]
        add     [bp + 8], eax
        call    move
        jmp     1b
3:      ret

# Moves ecx fours of bytes from esi to edi, which may be anywhere below 4 GiB.
move:   cli
        lgdt    gdtr
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        .byte   0xea
        .word   1f, 0x08
1:      mov     ax, 0x10
        mov     ds, ax
        mov     es, ax
        addr32 rep movsd
        mov     ax, 0x18                # segments as a BIOS knows them
        mov     ds, ax
        mov     es, ax
        mov     eax, cr0
        and     al, 0xfe
        mov     cr0, eax
        .byte   0xea
        .word   2f, 0
2:      xor     ax, ax
        mov     ds, ax
        mov     es, ax
        sti
        ret

# Opens memory above 1 MiB: asks the BIOS, then the chipset.
open:   call    isopen
        jne     1f
        mov     ax, 0x2401
        int     0x15
        call    isopen
        jne     1f
        in      al, 0x92
        or      al, 2
        and     al, 0xfe
        out     0x92, al
        call    isopen
        mov     si, offset closed
        je      fail
1:      ret

# Whether what is written at `probe` is not seen 1 MiB above it: then the flags say "not equal".
isopen: mov     ax, 0xffff
        mov     fs, ax
        xor     cx, cx
1:      inc     word ptr probe
        mov     ax, probe
        cmp     ax, fs:[probe + 0x10]
        loope   1b
        ret

# Fails unless the memory of the entry at bp is free to use, as the BIOS tells (ACPI 6.5, section
# 15.1).
room:   xor     ebx, ebx
1:      mov     eax, 0xe820
        mov     ecx, 20
        mov     edx, 0x534d4150
        mov     di, MAP
        push    bp
        int     0x15
        pop     bp
        jc      3f
        cmp     dword ptr ds:[MAP + 16], 1
        jne     2f
        cmp     dword ptr ds:[MAP + 4], 0
        jne     2f
        mov     eax, ds:[MAP]
        cmp     eax, [bp + 8]
        ja      2f
        xor     edx, edx
        add     eax, ds:[MAP + 8]
        adc     edx, ds:[MAP + 12]
        jnz     4f                      # it ends above 4 GiB
        mov     ecx, [bp + 4]
        shl     ecx, 9
        add     ecx, [bp + 8]
        cmp     eax, ecx
        jae     4f
2:      test    ebx, ebx
        jnz     1b
3:      mov     si, offset small
        jmp     fail
4:      ret

begin:  .asciz  "imgstore: loading Linux\r\n"
closed: .asciz  "imgstore: memory above 1 MiB stays closed (A20)\r\n"
small:  .asciz  "imgstore: too little memory for kernel and initrd\r\n"
probe:  .word   0

        .balign 8
gdt:    .quad   0
        .quad   0x00009a000000ffff      # code of 16 bits
        .quad   0x00cf92000000ffff      # all memory
        .quad   0x000092000000ffff      # data of a real-mode segment
gdtr:   .word   gdtr - gdt - 1
        .long   gdt

        .org    0x600
